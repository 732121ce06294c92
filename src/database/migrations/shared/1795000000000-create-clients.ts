import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateClients1795000000000 implements MigrationInterface {
  name = 'CreateClients1795000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "public"."clients" (
         "id" uuid NOT NULL,
         "name" character varying(100) NOT NULL,
         "schema" character varying(63) NOT NULL,
         "paid_until" date,
         "on_trial" boolean NOT NULL DEFAULT false,
         "access" character varying(10) NOT NULL DEFAULT 'open',
         "suspended" boolean NOT NULL DEFAULT false,
         "created_on" TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
         CONSTRAINT "clients_pkey" PRIMARY KEY ("id")
       )`,
    );
    await queryRunner.query(
      `CREATE UNIQUE INDEX "clients_name_key" ON "public"."clients" (lower("name"))`,
    );
    await queryRunner.query(
      `CREATE UNIQUE INDEX "clients_schema_key" ON "public"."clients" ("schema")`,
    );
    // Each change of a row, also by hand, notifies every process. See the changeListener of TenantModule.
    await queryRunner.query(
      `CREATE FUNCTION "public"."clients_notify"() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         PERFORM pg_notify('tenant_schemas_clients', COALESCE(NEW.id, OLD.id)::text);
         RETURN NULL;
       END $$`,
    );
    await queryRunner.query(
      `CREATE TRIGGER "clients_notify" AFTER INSERT OR UPDATE OR DELETE ON "public"."clients"
         FOR EACH ROW EXECUTE FUNCTION "public"."clients_notify"()`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "public"."clients"`);
    await queryRunner.query(`DROP FUNCTION "public"."clients_notify"()`);
  }
}
