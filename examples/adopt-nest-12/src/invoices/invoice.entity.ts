import { Column, Entity, Index, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { Customer } from '../customers/customer.entity.js';

export enum InvoiceStatus {
  Open = 'open',
  Overdue = 'overdue',
  Paid = 'paid',
}

@Entity()
@Index(['status', 'dueOn'])
export class Invoice {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  amountInCents!: number;

  @Column({ type: 'date' })
  dueOn!: string;

  @Column({ type: 'enum', enum: InvoiceStatus, default: InvoiceStatus.Open })
  status!: InvoiceStatus;

  @ManyToOne(() => Customer, { nullable: false, onDelete: 'CASCADE' })
  customer!: Customer;
}
