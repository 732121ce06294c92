import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CustomersModule } from '../customers/customers.module.js';
import { Invoice } from './invoice.entity.js';
import { InvoicesController } from './invoices.controller.js';
import { InvoicesService } from './invoices.service.js';
import { OverdueInvoicesJob } from './overdue-invoices.job.js';

@Module({
  imports: [TypeOrmModule.forFeature([Invoice]), CustomersModule],
  controllers: [InvoicesController],
  providers: [InvoicesService, OverdueInvoicesJob],
})
export class InvoicesModule {}
