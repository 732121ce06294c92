import { Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Logger as TypeOrmLogger } from 'typeorm';

/** Milliseconds in which a repeated warning of TypeORM is not logged. */
const REPEATED_MS = 60_000;

/**
 * Logs statements of TypeORM at `verbose`, without their parameters, which are data of users. It does not report failed
 * statements at a higher level, because the error filter or the command reports them.
 */
export class StatementLogger implements TypeOrmLogger {
  private readonly logger = new Logger('Database');
  private readonly warnings = new LRUCache<string, true>({ max: 100, ttl: REPEATED_MS });

  /** @param logsStatements whether `LOG_LEVEL` is `verbose` */
  constructor(private readonly logsStatements: boolean) {}

  logQuery(query: string): void {
    if (this.logsStatements) this.logger.verbose(query);
  }

  logQueryError(error: string | Error, query: string): void {
    if (this.logsStatements) this.logger.verbose(`Failed: ${String(error)}: ${query}`);
  }

  logQuerySlow(time: number, query: string): void {
    this.logger.warn(`Took ${time} ms: ${query}`);
  }

  logSchemaBuild(message: string): void {
    this.logger.verbose(message);
  }

  logMigration(message: string): void {
    this.logger.verbose(message);
  }

  /** Logs TypeORM's own messages, for example about a lost idle connection. */
  log(level: 'log' | 'info' | 'warn', message: unknown): void {
    if (level !== 'warn') this.logger.debug(message);
    else if (!this.isRepeated(String(message))) this.logger.warn(message);
  }

  /** Returns whether the same warning was logged within the last minute. An outage causes one for each idle connection. */
  private isRepeated(message: string): boolean {
    if (this.warnings.has(message)) return true;
    this.warnings.set(message, true);
    return false;
  }
}
