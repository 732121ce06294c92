import type { LoggerService } from '@nestjs/common';
import { printProblem } from '../terminal/output/output.js';

/**
 * Reports on stderr each time that `TypeOrmModule` could not connect. By default it tries for half a minute. Drops all other logs
 * of the application, because the command reports its own result.
 */
export const connectionRetries: LoggerService = {
  log: () => undefined,
  warn: () => undefined,
  error(_message: unknown, stack?: unknown, context?: unknown) {
    if (context !== 'TypeOrmModule') return;
    const [reason = ''] = String(stack).split('\n');
    printProblem(`Could not connect to the database: ${reason}`);
  },
};
