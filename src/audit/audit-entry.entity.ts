import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** Kinds of changes of a tenant. */
export type AuditAction = 'create' | 'clone' | 'change' | 'delete' | 'create-user' | 'change-user';

/** A change of a tenant. The entry remains after the tenant is deleted. */
@Entity({ name: 'audit_log', schema: 'public' })
export class AuditEntry {
  /** A bigint. The driver returns it as text. */
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    primaryKeyConstraintName: 'audit_log_pkey',
  })
  id!: string;

  /** Start of the transaction that made the change. */
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

  /** The schema of the tenant before the change. For a new tenant, its schema after the change. */
  @Column('varchar', { name: 'tenant_schema', length: 63 })
  tenantSchema!: string;

  /** The state before the change. Null for a new tenant or user. */
  @Column('jsonb', { nullable: true })
  before!: object | null;

  /** The state after the change. Null for a deleted tenant. */
  @Column('jsonb', { nullable: true })
  after!: object | null;
}
