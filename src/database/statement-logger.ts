import { Logger } from '@nestjs/common';
import type { Logger as TypeOrmLogger } from 'typeorm';

/**
 * TypeORM's logger: statements at `verbose`, without their parameters, which are users' data. A statement
 * that failed is told by whoever answers for it.
 */
export class StatementLogger implements TypeOrmLogger {
  private readonly logger = new Logger('Database');

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
    if (level === 'warn') this.logger.warn(message);
    else this.logger.debug(message);
  }
}
