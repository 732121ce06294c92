import type { LoggerService } from '@nestjs/common';
import type { FastifyBaseLogger } from 'fastify';
import type { LogLevelName } from '../../config/environment.interface.js';
import { PINO_LEVELS } from './pino-options.js';

/** Who tells at each start of every module and route that it is there. */
const CHATTY = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer']);

/** That the address cannot be had, which the process's last line says with what to do. */
const NOT_LISTENING = /^Error: (?:listen|bind|getaddrinfo) /;

/** Keys of logged objects whose values are left out, at the top and one level down. */
const SECRETS = ['password', 'token', 'secret', 'authorization', 'cookie', 'apiKey'];

/** Nest's logger, written by Fastify's, so that all lines of the process have one form. */
export class NestLogger implements LoggerService {
  private readonly pino: FastifyBaseLogger;

  constructor(pino: FastifyBaseLogger) {
    const redact = { paths: SECRETS.flatMap((key) => [key, `*.${key}`]), censor: '[redacted]' };
    this.pino = pino.child({}, { redact });
  }

  /** Without Nest's inventory of modules and routes, which `LOG_LEVEL=debug` brings back. */
  log(message: unknown, ...rest: unknown[]): void {
    const isChatty = CHATTY.has(String(rest.at(-1)));
    this.write(isChatty ? 'debug' : 'log', message, rest);
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

  /** @param rest as Nest gives it: further parts, the stack of an error, and last the context */
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
