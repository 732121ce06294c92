import { type FastifyRequest, type FastifyServerOptions, LogController } from 'fastify';
import type { LogLevelName } from '../../config/environment.interface.js';

/** Maps Nest's levels to those of pino. */
export const PINO_LEVELS = {
  fatal: 'fatal',
  error: 'error',
  warn: 'warn',
  log: 'info',
  debug: 'debug',
  verbose: 'trace',
} as const satisfies Record<LogLevelName, string>;

/** Receives log lines. Default: standard output, written before the call returns. */
export interface LogStream {
  write(line: string): void;
}

/** Options of the log. */
export interface LogOptions {
  readonly level: LogLevelName;
  readonly stream?: LogStream | undefined;
}

type FastifyLogOptions = Pick<
  FastifyServerOptions,
  'logger' | 'logController' | 'childLoggerFactory'
>;

/** Returns Fastify's options for a log of JSON lines. `logRequests` adds the line of each request. */
export function pinoOptions({ level, stream }: LogOptions): FastifyLogOptions {
  return {
    logger: {
      level: PINO_LEVELS[level],
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label: string) => ({ level: label }) },
      // Fields of a request in Fastify's own lines. URL and headers may contain secrets.
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
    // A logger for each request would cost more than the log line of the request.
    childLoggerFactory: (logger) => logger,
  };
}
