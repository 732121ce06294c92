import { Writable } from 'node:stream';
import { flush } from './process-end.js';

it('waits until a slow stream has written its output', async () => {
  const waiting: (() => void)[] = [];
  const written: string[] = [];
  const slow = new Writable({
    write(chunk, _encoding, done) {
      waiting.push(() => {
        written.push(String(chunk));
        done();
      });
    },
  });
  slow.write('result');
  const flushed = flush(slow).then(() => [...written]);
  while (written.length < 2) {
    waiting.shift()?.();
    await new Promise(setImmediate);
  }
  expect(await flushed).toEqual(['result', '']);
});

it('does not wait for a closed stream', async () => {
  const closed = new Writable();
  closed.on('error', () => undefined);
  closed.destroy();
  await expect(flush(closed)).resolves.toBeUndefined();
});
