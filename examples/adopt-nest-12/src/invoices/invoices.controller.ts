import { Body, Controller, Get, HttpCode, Param, ParseIntPipe, Post } from '@nestjs/common';
import type { Invoice } from './invoice.entity.js';
import { InvoicesService } from './invoices.service.js';
import { IssueInvoiceDto } from './issue-invoice.dto.js';

@Controller('invoices')
export class InvoicesController {
  constructor(private readonly invoices: InvoicesService) {}

  @Get()
  list(): Promise<Invoice[]> {
    return this.invoices.list();
  }

  @Post()
  issue(@Body() invoice: IssueInvoiceDto): Promise<Invoice> {
    return this.invoices.issue(invoice);
  }

  @Post(':id/payment')
  @HttpCode(204)
  pay(@Param('id', ParseIntPipe) id: number): Promise<void> {
    return this.invoices.pay(id);
  }
}
