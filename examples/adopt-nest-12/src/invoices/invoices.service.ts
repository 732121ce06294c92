import { Injectable, NotFoundException } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, Not, Repository } from 'typeorm';
import { Customer } from '../customers/customer.entity.js';
import { Invoice, InvoiceStatus } from './invoice.entity.js';
import { InvoiceEvent, InvoiceEvents } from './invoice.event.js';
import type { IssueInvoiceDto } from './issue-invoice.dto.js';

@Injectable()
export class InvoicesService {
  constructor(
    @InjectRepository(Invoice) private readonly invoices: Repository<Invoice>,
    @InjectRepository(Customer) private readonly customers: Repository<Customer>,
    private readonly events: EventEmitter2,
  ) {}

  list(): Promise<Invoice[]> {
    return this.invoices.find({ relations: { customer: true }, order: { id: 'ASC' } });
  }

  /** Stores an invoice, and waits for the handlers of its event. */
  async issue({ customerId, ...columns }: IssueInvoiceDto): Promise<Invoice> {
    const customer = await this.customers.findOneBy({ id: customerId });
    if (!customer) throw new NotFoundException('There is no such customer.');
    const invoice = await this.invoices.save(this.invoices.create({ ...columns, customer }));
    await this.events.emitAsync(InvoiceEvents.Issued, new InvoiceEvent(invoice.id));
    return invoice;
  }

  /** Marks an invoice as paid. Does not wait for the handlers of its event. */
  async pay(id: number): Promise<void> {
    const unpaid = { id, status: Not(InvoiceStatus.Paid) };
    const { affected } = await this.invoices.update(unpaid, { status: InvoiceStatus.Paid });
    if (affected === 0) throw new NotFoundException('There is no such unpaid invoice.');
    this.events.emit(InvoiceEvents.Paid, new InvoiceEvent(id));
  }

  /** Marks open invoices that were due before a day, and waits for the handlers of their events. */
  async markOverdue(today: string): Promise<void> {
    const late = await this.invoices.findBy({ status: InvoiceStatus.Open, dueOn: LessThan(today) });
    for (const invoice of late) {
      await this.invoices.save({ ...invoice, status: InvoiceStatus.Overdue });
      await this.events.emitAsync(InvoiceEvents.Overdue, new InvoiceEvent(invoice.id));
    }
  }
}
