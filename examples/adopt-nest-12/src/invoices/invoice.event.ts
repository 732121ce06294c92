/** What happens to an invoice. Each is the name of an event. */
export const InvoiceEvents = {
  Issued: 'invoice.issued',
  Overdue: 'invoice.overdue',
  Paid: 'invoice.paid',
} as const;

export class InvoiceEvent {
  constructor(readonly invoiceId: number) {}
}
