/** Describes the part of Nest's logger that an outage needs. */
export interface OutageLogger {
  warn(message: string): void;
  log(message: string): void;
}

/** Logs one line at the first failure and one at the recovery, however often attempts fail in between. */
export class OutageLog {
  private isOut = false;

  constructor(private readonly logger: OutageLogger) {}

  fail(message: string): void {
    if (!this.isOut) this.logger.warn(message);
    this.isOut = true;
  }

  recover(message: string): void {
    if (this.isOut) this.logger.log(message);
    this.isOut = false;
  }
}
