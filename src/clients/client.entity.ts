import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Tenant } from 'nest-tenant-schemas';

/** Access to a tenant: `open` for anyone with its uuid, or `members` for its users only. */
export const TENANT_ACCESS = ['open', 'members'] as const;

export type TenantAccess = (typeof TENANT_ACCESS)[number];

/** A tenant: a row of the shared registry. */
@Entity({ name: 'clients', schema: 'public' })
@Index('clients_name_key', { synchronize: false })
@Index('clients_created_on_id_idx', ['createdOn', 'id'])
export class Client implements Tenant {
  /** The value that clients of the API send in the tenant header. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'clients_pkey' })
  id!: string;

  /** 1 to 100 characters, unique regardless of case (index `clients_name_key`). */
  @Column('varchar', { length: 100 })
  name!: string;

  @Column('varchar', { length: 63 })
  @Index('clients_schema_key', { unique: true })
  schema!: string;

  /** Last paid day (UTC), YYYY-MM-DD. Null: the tenant never expires. */
  @Column('date', { name: 'paid_until', nullable: true })
  paidUntil!: string | null;

  @Column('boolean', { name: 'on_trial', default: false })
  onTrial!: boolean;

  @Column('varchar', { length: 10, default: 'open' })
  access!: TenantAccess;

  @Column('boolean', { default: false })
  suspended!: boolean;

  /** Precise to the millisecond, like a Date, so that a cursor of a page can contain it. */
  @Column({ type: 'timestamptz', name: 'created_on', precision: 3, default: () => 'now()' })
  createdOn!: Date;

  /** Schema of the source of a clone. For the audit log only, so the row does not contain it. */
  clonedFrom?: string;
}
