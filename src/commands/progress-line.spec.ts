import { ProgressLine } from './progress-line.js';

function screenOf(isTTY: boolean, columns = 80): { screen: object; written: string[] } {
  const written: string[] = [];
  return { screen: { isTTY, columns, write: (text: string) => written.push(text) }, written };
}

it('is one line of a terminal, below what is printed', () => {
  const { screen, written } = screenOf(true);
  const line = new ProgressLine(screen as never);
  line.show('1 done');
  line.above(() => written.push('a result\n'));
  line.show('');
  expect(written.join('').split('\r\u001B[K')).toEqual(['', '1 done', 'a result\n', '1 done', '']);
});

it('is cut where it would wrap', () => {
  const { screen, written } = screenOf(true, 6);
  new ProgressLine(screen as never).show('1234567');
  expect(written).toEqual(['\r\u001B[K12345']);
});

it('is nothing where there is no terminal, but lines are printed', () => {
  const { screen, written } = screenOf(false);
  const line = new ProgressLine(screen as never);
  line.show('1 done');
  line.above(() => written.push('a result\n'));
  expect(written).toEqual(['a result\n']);
});
