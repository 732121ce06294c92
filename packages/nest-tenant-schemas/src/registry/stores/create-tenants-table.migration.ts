import type { TenantMigration } from '../../interfaces/tenant-migration.interface.js';
import type { QueryRunner } from 'typeorm';
import { TenancyOptionsError } from '../../errors/tenancy-options.error.js';
import { TENANTS_CHANNEL } from './tenants-table.js';

/**
 * Creates the engine's own table of tenants. `TenantModule` puts it before the shared migrations of an application that
 * gives no registry. The timestamp is older than TypeORM, so that it comes first.
 */
export class CreateTenantsTable1400000000000 implements TenantMigration {
  readonly name = 'CreateTenantsTable1400000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await assertNoTable(queryRunner);
    await queryRunner.query(
      `CREATE TABLE public.tenants (
         id uuid CONSTRAINT tenants_pkey PRIMARY KEY,
         name character varying(100) NOT NULL,
         schema character varying(63) NOT NULL CONSTRAINT tenants_schema_key UNIQUE,
         suspended boolean NOT NULL DEFAULT false,
         created_at timestamp with time zone NOT NULL DEFAULT now()
       )`,
    );
    await queryRunner.query('CREATE UNIQUE INDEX tenants_name_key ON public.tenants (lower(name))');
    // A change of a row, also by hand, notifies every process.
    await queryRunner.query(
      `CREATE FUNCTION public.tenants_notify() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         PERFORM pg_notify('${TENANTS_CHANNEL}', COALESCE(NEW.id, OLD.id)::text);
         RETURN NULL;
       END $$`,
    );
    await queryRunner.query(
      `CREATE TRIGGER tenants_notify AFTER INSERT OR UPDATE OR DELETE ON public.tenants
         FOR EACH ROW EXECUTE FUNCTION public.tenants_notify()`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE public.tenants');
    await queryRunner.query('DROP FUNCTION public.tenants_notify()');
  }
}

/** @throws TenancyOptionsError if the application has a table of this name */
async function assertNoTable(queryRunner: QueryRunner): Promise<void> {
  const [found] = (await queryRunner.query(
    "SELECT to_regclass('public.tenants') IS NOT NULL AS exists",
  )) as { exists: boolean }[];
  if (!found?.exists) return;
  throw new TenancyOptionsError(
    'TenantModule: registry',
    'must be set, because the table public.tenants exists already. For a table of yours: registry: { entity: Tenant }',
  );
}
