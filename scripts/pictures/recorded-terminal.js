import { spawn } from '@lydell/node-pty';

const ENTER = '\r';

/**
 * Runs a command of the built command line on a pseudo terminal.
 *
 * @param answers pairs of a question that the terminal shows, and the answer to type
 * @param until pattern of the output at which the recording ends. Default: the end of the command
 * @returns what the terminal received, escape sequences included, after a prompt with the command
 */
export function record(args, { env, columns, answers = [], until }) {
  const child = spawn(process.execPath, ['dist/cli.js', ...args], {
    cols: columns,
    rows: 40,
    env: { ...process.env, TERM: 'xterm-256color', ...env },
  });
  const typed = args.map((each) => (/\s/.test(each) ? `'${each}'` : each)).join(' ');
  let screen = `$ npm run -s cli -- ${typed}\r\n`;
  let seen = 0;
  let recorded;
  return new Promise((resolve) => {
    child.onData((data) => {
      screen += data;
      if (until?.test(screen)) recorded ??= screen;
      const [question, answer] = answers[0] ?? [];
      if (question === undefined || !screen.slice(seen).includes(question)) return;
      seen = screen.length;
      answers.shift();
      child.write(answer + ENTER);
    });
    child.onExit(() => resolve(recorded ?? screen));
  });
}
