import { randomBytes, randomUUID } from 'node:crypto';
import type { DataSource, QueryRunner } from 'typeorm';
import type { NamedMigration } from '../../core/migration-history.js';
import { SchemaBuild } from '../lifecycle/schema-build.js';
import {
  describeObjects,
  describeRestored,
  readDefinitions,
  type SchemaObject,
} from '../catalog/schema-comparison.js';
import type { SchemaDropper } from '../lifecycle/schema-dropper.js';
import { tenantTarget } from '../catalog/schema-target.js';

/** A schema as the history makes it. */
interface Built {
  readonly schema: string;
  readonly objects: readonly SchemaObject[];
  readonly description: readonly string[];
  /** All texts that it is made of, without its name. */
  readonly text: string;
}

/** What a freshly migrated schema is like. It is made when first asked for, in the way a tenant's is, and dropped. */
export class ReferenceSchema {
  private built: Promise<Built> | undefined;
  private restored: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly history: readonly NamedMigration[],
    private readonly dropper: SchemaDropper,
  ) {}

  /**
   * The description that a tenant's is compared with.
   *
   * @param schema the tenant's; one that is called as something in it takes a description of its own
   * @throws MigrationFailedError when the history does not apply
   */
  async describeFor(schema: string): Promise<readonly string[]> {
    this.built ??= this.build();
    const built = await this.built;
    if (!built.text.includes(schema)) return built.description;
    return describeObjects(built.objects, [built.schema, schema]);
  }

  /**
   * Lines that a tenant which was restored from a dump may have instead of {@link describeFor}'s, as `describeRestored`
   * has them.
   */
  async describeRestoredFor(schema: string): Promise<ReadonlyMap<string, string>> {
    this.built ??= this.build();
    const { text } = await this.built;
    const describe = (...alike: string[]): Promise<ReadonlyMap<string, string>> =>
      this.read((queryRunner, name) => describeRestored(queryRunner, name, alike));
    return text.includes(schema) ? describe(schema) : (this.restored ??= describe());
  }

  private build(): Promise<Built> {
    return this.read(async (queryRunner, schema) => {
      const objects = await readDefinitions(queryRunner, schema);
      const texts = objects.map(({ what, definition }) => `${what}\n${definition}`);
      return {
        schema,
        objects,
        description: describeObjects(objects, [schema]),
        text: texts.join('\n').replaceAll(schema, ''),
      };
    });
  }

  /** Makes the schema, reads it, and drops it. */
  private read<R>(read: (queryRunner: QueryRunner, schema: string) => Promise<R>): Promise<R> {
    const schema = `doctor_${randomBytes(8).toString('hex')}`;
    return SchemaBuild.run(
      this.dataSource,
      tenantTarget({ id: randomUUID(), schema }),
      this.dropper,
      {
        prepare: () => Promise.resolve(this.history),
        finish: ({ queryRunner }) => read(queryRunner, schema),
      },
    );
  }
}
