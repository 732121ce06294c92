import { Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Logger as TypeOrmLogger } from 'typeorm';

/** How long a warning of TypeORM's is not logged again. */
const REPEATED_MS = 60_000;

/**
 * TypeORM's logger: statements at `verbose`, without their parameters, which are users' data. A statement
 * that failed is told by whoever answers for it.
 */
export class StatementLogger implements TypeOrmLogger {
  private readonly logger = new Logger('Database');
  private readonly warnings = new LRUCache<string, true>({ max: 100, ttl: REPEATED_MS });

  /** @param tellsStatements whether `LOG_LEVEL` lets them through: asked once, not for each statement */
  constructor(private readonly tellsStatements: boolean) {}

  logQuery(query: string): void {
    if (this.tellsStatements) this.logger.verbose(query);
  }

  logQueryError(error: string | Error, query: string): void {
    if (this.tellsStatements) this.logger.verbose(`Failed: ${String(error)}: ${query}`);
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

  /** TypeORM's own remarks, such as that an idle connection was lost. */
  log(level: 'log' | 'info' | 'warn', message: unknown): void {
    if (level !== 'warn') this.logger.debug(message);
    else if (!this.isRepeated(String(message))) this.logger.warn(message);
  }

  /** Returns whether the same warning was logged a moment ago: each idle connection that an outage ends brings one. */
  private isRepeated(message: string): boolean {
    if (this.warnings.has(message)) return true;
    this.warnings.set(message, true);
    return false;
  }
}
