import { type FastifyRequest, type FastifyServerOptions, LogController } from 'fastify';
import type { LogLevelName } from '../../config/environment.interface.js';

/** Nest's levels as pino calls them. */
export const PINO_LEVELS = {
  fatal: 'fatal',
  error: 'error',
  warn: 'warn',
  log: 'info',
  debug: 'debug',
  verbose: 'trace',
} as const satisfies Record<LogLevelName, string>;

/** Where lines go. Default: standard output, written before the call returns. */
export interface LogStream {
  write(line: string): void;
}

/** How the application logs. */
export interface LogOptions {
  readonly level: LogLevelName;
  readonly stream?: LogStream | undefined;
}

type FastifyLogOptions = Pick<
  FastifyServerOptions,
  'logger' | 'logController' | 'childLoggerFactory'
>;

/** Fastify's options for a log of JSON lines, one for each request (see `logRequests`). */
export function pinoOptions({ level, stream }: LogOptions): FastifyLogOptions {
  return {
    logger: {
      level: PINO_LEVELS[level],
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label: string) => ({ level: label }) },
      // What Fastify itself has to say of a request: no address with a query, no header.
      serializers: {
        req: ({ id, method, routeOptions }: FastifyRequest) => ({
          method,
          route: routeOptions?.url,
          req_id: id,
        }),
      },
      ...(stream && { stream }),
    },
    logController: new LogController({ disableRequestLogging: true }),
    // A logger for each request would cost more than the line that a request writes.
    childLoggerFactory: (logger) => logger,
  };
}
