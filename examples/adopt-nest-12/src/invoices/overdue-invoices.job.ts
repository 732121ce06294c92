import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { InvoicesService } from './invoices.service.js';

@Injectable()
export class OverdueInvoicesJob {
  constructor(private readonly invoices: InvoicesService) {}

  @Cron('0 6 * * *', { name: 'overdue-invoices', waitForCompletion: true })
  async markOverdue(): Promise<void> {
    await this.invoices.markOverdue(new Date().toISOString().slice(0, 10));
  }
}
