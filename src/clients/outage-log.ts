import type { LoggerService } from '@nestjs/common';

/** Logs one line when something fails, and one when it works again, whatever number of attempts lies between. */
export class OutageLog {
  private isOut = false;

  constructor(private readonly logger: LoggerService) {}

  fail(message: string): void {
    if (!this.isOut) this.logger.warn(message);
    this.isOut = true;
  }

  recover(message: string): void {
    if (this.isOut) this.logger.log(message);
    this.isOut = false;
  }
}
