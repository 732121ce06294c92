import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateAuthor1716200000000 implements MigrationInterface {
  name = 'CreateAuthor1716200000000';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "author" ("id" SERIAL NOT NULL, "name" character varying NOT NULL, CONSTRAINT "UQ_author_name" UNIQUE ("name"), CONSTRAINT "PK_author" PRIMARY KEY ("id"))`,
    );
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "author"`);
  }
}
