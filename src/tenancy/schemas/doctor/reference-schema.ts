import { randomBytes, randomUUID } from 'node:crypto';
import type { DataSource, QueryRunner } from 'typeorm';
import type { NamedMigration } from '../../core/migration-history.js';
import { MigrationRecorder } from '../migration-recorder.js';
import { describeRestored, describeSchema, readDefinitions } from '../schema-comparison.js';
import { onRunner, tenantTarget } from '../schema-target.js';
import { inBatches } from '../statement-batch.js';
import { buildSchema } from '../tenant-provisioner.js';
import { liftTimeLimits } from '../time-limits.js';

/** A schema as the history makes it. */
interface Built {
  readonly description: readonly string[];
  /** All texts that it is made of. */
  readonly text: string;
}

/** What a freshly migrated schema is like. It is built when first asked for, and rolled back. */
export class ReferenceSchema {
  private readonly recorder: MigrationRecorder;
  private built: Promise<Built> | undefined;
  private restored: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly history: readonly NamedMigration[],
  ) {
    this.recorder = new MigrationRecorder(dataSource);
  }

  /**
   * The description that a tenant's is compared with.
   *
   * @param schema the tenant's; one that is called as something in it takes a description of its own
   * @throws MigrationFailedError when the history does not apply
   */
  async describeFor(schema: string): Promise<readonly string[]> {
    this.built ??= this.describe([]);
    const { description, text } = await this.built;
    return text.includes(schema) ? (await this.describe([schema])).description : description;
  }

  /**
   * Lines that a tenant which was restored from a dump may have instead of {@link describeFor}'s, as `describeRestored`
   * has them.
   */
  async describeRestoredFor(schema: string): Promise<ReadonlyMap<string, string>> {
    this.built ??= this.describe([]);
    const { text } = await this.built;
    const describe = (...alike: string[]): Promise<ReadonlyMap<string, string>> =>
      this.build((queryRunner, name) => describeRestored(queryRunner, name, alike));
    return text.includes(schema) ? describe(schema) : (this.restored ??= describe());
  }

  private describe(alike: readonly string[]): Promise<Built> {
    return this.build(async (queryRunner, schema) => {
      const description = await describeSchema(queryRunner, schema, alike);
      const objects = await readDefinitions(queryRunner, schema);
      const texts = objects.map(({ what, definition }) => `${what}\n${definition}`);
      return { description, text: texts.join('\n').replaceAll(schema, '') };
    });
  }

  /** Builds the schema, reads it, and rolls it back. */
  private build<R>(read: (queryRunner: QueryRunner, schema: string) => Promise<R>): Promise<R> {
    const target = tenantTarget({
      id: randomUUID(),
      schema: `doctor_${randomBytes(8).toString('hex')}`,
    });
    return inBatches(this.recorder, (recorder) =>
      onRunner(this.dataSource, target, async (queryRunner) => {
        await queryRunner.startTransaction();
        await liftTimeLimits(queryRunner);
        try {
          await buildSchema(queryRunner, target, this.history, recorder);
          return await read(queryRunner, target.schema);
        } finally {
          // A connection that broke has nothing to roll back; the first error is the one to tell.
          await queryRunner.rollbackTransaction().catch(() => undefined);
        }
      }),
    );
  }
}
