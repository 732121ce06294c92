import type { LoggerService } from '@nestjs/common';
import type { FastifyBaseLogger } from 'fastify';
import type { LogLevelName } from '../../config/environment.interface.js';
import { PINO_LEVELS } from './pino-options.js';

/** Contexts in which Nest logs each module and route at the start. */
const START_UP_CONTEXTS = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
]);

/** Matches Nest's error for an address that is not available. The last line of the process reports it with the next action. */
const NOT_LISTENING = /^Error: (?:listen|bind|getaddrinfo) /;

/** Keys whose values are replaced in logged objects, at the top level and one level below. */
const SECRETS = ['password', 'token', 'secret', 'authorization', 'cookie', 'apiKey'];

/** Writes Nest's log lines with Fastify's logger, so that all lines of the process have one format. */
export class NestLogger implements LoggerService {
  private readonly pino: FastifyBaseLogger;

  constructor(pino: FastifyBaseLogger) {
    const redact = { paths: SECRETS.flatMap((key) => [key, `*.${key}`]), censor: '[redacted]' };
    this.pino = pino.child({}, { redact });
  }

  /** Logs a message. Nest's lines about modules and routes appear only with `LOG_LEVEL=debug`. */
  log(message: unknown, ...rest: unknown[]): void {
    const isInventory = START_UP_CONTEXTS.has(String(rest.at(-1)));
    this.write(isInventory ? 'debug' : 'log', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    if (rest.at(-1) === 'NestApplication' && NOT_LISTENING.test(String(message))) return;
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('verbose', message, rest);
  }

  /** @param rest further arguments of Nest: parts of the message, the stack of an error, and last the context */
  private write(level: LogLevelName, message: unknown, rest: readonly unknown[]): void {
    const context = typeof rest.at(-1) === 'string' ? (rest.at(-1) as string) : undefined;
    const stack = rest.slice(0, -1).find((part) => typeof part === 'string');
    const fields = { context, ...(stack !== undefined && { stack }) };
    const write = this.pino[PINO_LEVELS[level]].bind(this.pino);
    if (message instanceof Error) write({ ...fields, err: message }, message.message);
    else if (typeof message === 'object' && message !== null) write({ ...message, ...fields });
    else write(fields, String(message));
  }
}
