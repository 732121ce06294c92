import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Tenant } from 'nest-tenant-schemas';

/** Who may use a tenant: anyone with its uuid, or its members only. */
export const TENANT_ACCESS = ['open', 'members'] as const;

export type TenantAccess = (typeof TENANT_ACCESS)[number];

/** A tenant, as the shared registry keeps it: the seed's `Client`. */
@Entity({ name: 'clients', schema: 'public' })
@Index('clients_name_key', { synchronize: false })
@Index('clients_created_on_id_idx', ['createdOn', 'id'])
export class Client implements Tenant {
  /** What clients of the API send in the tenant header. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'clients_pkey' })
  id!: string;

  /** 1 to 100 characters, unique without regard to case (index `clients_name_key`). */
  @Column('varchar', { length: 100 })
  name!: string;

  @Column('varchar', { length: 63 })
  @Index('clients_schema_key', { unique: true })
  schema!: string;

  /** Last day (UTC) that is paid for, as YYYY-MM-DD; null never expires. */
  @Column('date', { name: 'paid_until', nullable: true })
  paidUntil!: string | null;

  @Column('boolean', { name: 'on_trial', default: false })
  onTrial!: boolean;

  @Column('varchar', { length: 10, default: 'open' })
  access!: TenantAccess;

  @Column('boolean', { default: false })
  suspended!: boolean;

  /** To the millisecond, as a Date is: pages begin after it. */
  @Column({ type: 'timestamptz', name: 'created_on', precision: 3, default: () => 'now()' })
  createdOn!: Date;

  /** Schema of the tenant that a new one is cloned from: for the audit log, not kept in the row. */
  clonedFrom?: string;
}
