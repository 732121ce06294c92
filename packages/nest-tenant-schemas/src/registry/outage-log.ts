/** Nest's logger, as far as an outage needs it. */
export interface OutageLogger {
  warn(message: string): void;
  log(message: string): void;
}

/** Logs one line at the first failure and one at the recovery, however many attempts fail in between. */
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
