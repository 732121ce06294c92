import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** What can be done to a tenant. */
export type AuditAction = 'create' | 'clone' | 'change' | 'delete' | 'create-user' | 'change-user';

/** A change of a tenant, kept for good: it outlives the tenant. */
@Entity({ name: 'audit_log', schema: 'public' })
export class AuditEntry {
  /** bigint, which the driver gives as text. */
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    primaryKeyConstraintName: 'audit_log_pkey',
  })
  id!: string;

  /** When the transaction of the change began. */
  @Column('timestamptz', { default: () => 'now()' })
  at!: Date;

  @Column('varchar', { length: 200 })
  actor!: string;

  @Column('varchar', { length: 100 })
  via!: string;

  @Column('varchar', { length: 20 })
  action!: AuditAction;

  @Column('uuid', { name: 'tenant_id' })
  @Index('audit_log_tenant_id_idx')
  tenantId!: string;

  /** The tenant's schema before the change, or, of a new tenant, after it. */
  @Column('varchar', { name: 'tenant_schema', length: 63 })
  tenantSchema!: string;

  /** What was; null of what is new. */
  @Column('jsonb', { nullable: true })
  before!: object | null;

  /** What is; null of what is gone. */
  @Column('jsonb', { nullable: true })
  after!: object | null;
}
