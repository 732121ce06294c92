import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateArticle1715120002431 implements MigrationInterface {
  name = 'CreateArticle1715120002431';

  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE TABLE "article" ("id" SERIAL NOT NULL, "title" character varying NOT NULL, "authorId" uuid, CONSTRAINT "PK_article" PRIMARY KEY ("id"))`,
    );
    await queryRunner.query(`CREATE INDEX "IDX_article_title" ON "public"."article" ("title") `);
    await queryRunner.query(
      `ALTER TABLE "article" ADD CONSTRAINT "FK_article_author" FOREIGN KEY ("authorId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "article" DROP CONSTRAINT "FK_article_author"`);
    await queryRunner.query(`DROP TABLE "article"`);
  }
}
