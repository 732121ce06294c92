import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { type InvoiceEvent, InvoiceEvents } from '../invoices/invoice.event.js';
import { Activity } from './activity.entity.js';

/** Stores what happens, as the events report it. */
@Injectable()
export class ActivityLog {
  constructor(@InjectRepository(Activity) private readonly activities: Repository<Activity>) {}

  @OnEvent(InvoiceEvents.Issued)
  async onIssued({ invoiceId }: InvoiceEvent): Promise<void> {
    await this.activities.save({ text: `Invoice ${invoiceId} was issued.` });
  }

  @OnEvent(InvoiceEvents.Paid, { async: true })
  async onPaid({ invoiceId }: InvoiceEvent): Promise<void> {
    await this.activities.save({ text: `Invoice ${invoiceId} was paid.` });
  }

  @OnEvent(InvoiceEvents.Overdue, { async: true, promisify: true })
  async onOverdue({ invoiceId }: InvoiceEvent): Promise<void> {
    await this.activities.save({ text: `Invoice ${invoiceId} is overdue.` });
  }
}
