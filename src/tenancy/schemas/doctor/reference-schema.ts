import { randomBytes, randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { NamedMigration } from '../../core/migration-history.js';
import { MigrationRecorder } from '../migration-recorder.js';
import { describeSchema, readDefinitions } from '../schema-comparison.js';
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
    this.built ??= this.build([]);
    const { description, text } = await this.built;
    return text.includes(schema) ? (await this.build([schema])).description : description;
  }

  private build(alike: readonly string[]): Promise<Built> {
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
          const description = await describeSchema(queryRunner, target.schema, alike);
          const objects = await readDefinitions(queryRunner, target.schema);
          const texts = objects.map(({ what, definition }) => `${what}\n${definition}`);
          return { description, text: texts.join('\n').replaceAll(target.schema, '') };
        } finally {
          // A connection that broke has nothing to roll back; the first error is the one to tell.
          await queryRunner.rollbackTransaction().catch(() => undefined);
        }
      }),
    );
  }
}
