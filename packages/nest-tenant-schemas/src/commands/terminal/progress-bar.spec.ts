import { ProgressBar } from './progress-bar.js';

function screenOf(isTTY: boolean, columns = 80): { screen: NodeJS.WriteStream; written: string[] } {
  const written: string[] = [];
  const write = (text: string): boolean => Boolean(written.push(text));
  return { screen: { isTTY, columns, write } as NodeJS.WriteStream, written };
}

it('is one line of a terminal, below what is printed', () => {
  const { screen, written } = screenOf(true);
  const bar = new ProgressBar(screen);
  bar.start(4, '');
  bar.update(1, '2 running');
  bar.above(() => written.push('a result\n'));
  bar.stop();
  const [before, after] = written.join('').split('a result\n');
  expect(before).toBe('\u001B[1G\u001B[2K');
  expect(after).toContain('1/4 [=====---------------] 2 running');
  expect(after?.endsWith('\u001B[1G\u001B[0J')).toBe(true);
});

it('is cut before it would wrap', () => {
  const { screen, written } = screenOf(true, 6);
  const bar = new ProgressBar(screen);
  bar.start(4, '');
  bar.above(() => undefined);
  bar.stop();
  expect(written).toContain('0/4 [-');
});

it('prints lines only without a terminal', () => {
  const { screen, written } = screenOf(false);
  const bar = new ProgressBar(screen);
  bar.start(4, '');
  bar.update(1, '');
  bar.above(() => written.push('a result\n'));
  bar.stop();
  expect(written).toEqual(['a result\n']);
});
