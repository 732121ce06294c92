// Readable log lines, and the lines of Nest's loggers.
import { Logger } from '@nestjs/common';
import { fastify } from 'fastify';
import { NestLogger } from './nest-logger.js';
import { pinoOptions } from './pino-options.js';
import { readable } from './readable-stream.js';

const TIME = new Date(2026, 0, 2, 3, 4, 5).toISOString();

it.each([
  [{ msg: 'on' }, '03:04:05 INFO  on\n'],
  [{ msg: 'on', context: 'App', n: 1, o: { a: 'b' } }, '03:04:05 INFO  [App] on n=1 o={"a":"b"}\n'],
  [{ msg: 'off', stack: 'Error: off\n  at x' }, '03:04:05 INFO  off\nError: off\n  at x\n'],
])('formats %j', (fields, text) => {
  expect(readable(JSON.stringify({ level: 'info', time: TIME, ...fields }))).toBe(text);
});

/** Returns the lines that a logger wrote, without their time. */
function logged(work: (logger: Logger) => void): object[] {
  const lines: object[] = [];
  const stream = {
    write(line: string): void {
      const { time: _time, ...fields } = JSON.parse(line) as { time: string };
      lines.push(fields);
    },
  };
  const { log } = fastify(pinoOptions({ level: 'log', stream }));
  Logger.overrideLogger(new NestLogger(log));
  try {
    work(new Logger('Spec'));
  } finally {
    Logger.overrideLogger(false);
  }
  return lines;
}

it('writes lines of Nest’s loggers with their context, from the configured level on', () => {
  expect(
    logged((logger) => {
      logger.log('text');
      logger.warn('careful');
      logger.error('bad', 'Error: bad\n  at x');
      logger.debug('hidden');
      logger.verbose('hidden');
      logger.fatal(new Error('worst'));
    }),
  ).toEqual([
    { level: 'info', context: 'Spec', msg: 'text' },
    { level: 'warn', context: 'Spec', msg: 'careful' },
    { level: 'error', context: 'Spec', msg: 'bad', stack: 'Error: bad\n  at x' },
    {
      level: 'fatal',
      context: 'Spec',
      msg: 'worst',
      err: { type: 'Error', message: 'worst', stack: expect.stringContaining('worst') },
    },
  ]);
});

it('redacts secrets in logged objects', () => {
  const [line] = logged((logger) =>
    logger.log({ user: 'ann', password: 'x', headers: { authorization: 'x', accept: 'y' } }),
  );
  expect(line).toEqual({
    level: 'info',
    context: 'Spec',
    user: 'ann',
    password: '[redacted]',
    headers: { authorization: '[redacted]', accept: 'y' },
  });
});

it('hides Nest’s lines about modules and routes', () => {
  expect(
    logged(() => {
      new Logger('RoutesResolver').log('PollsController {/polls}');
      new Logger('NestApplication').error('Error: listen EADDRINUSE');
    }),
  ).toEqual([]);
});
