import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateBook1716300000000 implements MigrationInterface {
  name = 'CreateBook1716300000000';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "book" ("id" SERIAL NOT NULL, "title" character varying NOT NULL, "authorId" integer NOT NULL, CONSTRAINT "PK_book" PRIMARY KEY ("id"))`,
    );
    await queryRunner.query(`CREATE INDEX "IDX_book_author" ON "public"."book" ("authorId") `);
    await queryRunner.query(
      `ALTER TABLE "book" ADD CONSTRAINT "FK_book_author" FOREIGN KEY ("authorId") REFERENCES "author"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "book" DROP CONSTRAINT "FK_book_author"`);
    await queryRunner.query(`DROP TABLE "book"`);
  }
}
