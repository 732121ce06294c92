// A process that runs commands one after another, as `dist/cli.js` would each in a process of its own: it loads
// the application once, which is most of what a short command costs. Prints the socket that it serves, and ends when
// its standard input does. Its client is hosted-commands.ts.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Writable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

/** What dist/cli.js bundles: loaded again, it shares the modules that it imports. */
const CLI = resolve('dist/src/cli.js');

const directory = mkdtempSync(join(tmpdir(), 'nts-'));
const socket = join(directory, 'socket');
const [node] = process.argv;
const { exit } = process;
let count = 0;
let last = Promise.resolve();

const server = createServer(async (request, response) => {
  const command = await json(request);
  // What a command reads and sets is the process's: arguments, environment, output and exit code.
  const outcome = last.then(() => run(command));
  last = outcome;
  response.end(JSON.stringify(await outcome));
});
server.listen(socket, () => process.stdout.write(`${socket}\n`));

process.stdin.resume().on('end', () => {
  rmSync(directory, { recursive: true });
  exit();
});

async function run({ args, env }) {
  const [out, err] = [redirect('stdout'), redirect('stderr')];
  process.argv = [node, CLI, ...args];
  process.env = env;
  process.exitCode = undefined;
  // The command would end this process.
  process.exit = () => undefined;
  // The query makes it another module, whose own imports are loaded already.
  await import(`${pathToFileURL(CLI)}?${(count += 1)}`);
  return { code: process.exitCode, out: out.join(''), err: err.join('') };
}

/** Collects what is written from now on. */
function redirect(name) {
  const chunks = [];
  const value = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  Object.defineProperty(process, name, { value, configurable: true });
  return chunks;
}
