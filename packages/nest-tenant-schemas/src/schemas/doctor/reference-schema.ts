import { randomBytes, randomUUID } from 'node:crypto';
import type { DataSource, QueryRunner } from 'typeorm';
import { TENANT_SCHEMA } from '../../core/names/schema-placeholder.js';
import type { NamedMigration } from '../../core/migration-history.js';
import { MigrationFailedError } from '../../errors/schemas/migration-failed.error.js';
import { SchemaBuild } from '../lifecycle/schema-build.js';
import {
  describeObjects,
  describeRestored,
  readDefinitions,
  type SchemaObject,
} from '../catalog/schema-comparison.js';
import { type Finding, finding } from './finding.js';
import type { SchemaDropper } from '../lifecycle/schema-dropper.js';
import { tenantTarget } from '../catalog/schema-target.js';

/** Describes a schema that was created from the history. */
interface Built {
  readonly schema: string;
  readonly objects: readonly SchemaObject[];
  readonly description: readonly string[];
  /** All texts of its definitions, without its name. */
  readonly text: string;
}

/** Describes a newly migrated schema. It creates the schema at the first use, like a tenant's, and drops it. */
export class ReferenceSchema {
  private built: Promise<Built> | undefined;
  /** The reason why the history does not apply. */
  failure: MigrationFailedError | undefined;
  private restored: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly history: readonly NamedMigration[],
    private readonly dropper: SchemaDropper,
  ) {}

  /**
   * Returns the description to compare a tenant's schema with.
   *
   * @param schema the tenant's schema. If an object has the same name, the schema needs its own description
   * @returns undefined if the history does not apply: see {@link failure}
   */
  async describeFor(schema: string): Promise<readonly string[] | undefined> {
    if (this.failure) return undefined;
    this.built ??= this.build();
    const built = await this.built.catch((error: unknown) => {
      if (!(error instanceof MigrationFailedError)) throw error;
      this.failure = error;
    });
    if (!built) return undefined;
    if (!built.text.includes(schema)) return built.description;
    return describeObjects(built.objects, [built.schema, schema]);
  }

  /**
   * Returns lines that a restored tenant may have instead of those of {@link describeFor}, as
   * `describeRestored` returns them.
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

  /** Creates the schema, reads it, and drops it. */
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

/** Returns the finding that explains why no schema was compared. The placeholder stands for a new schema. */
export function historyFails({ migration, cause }: MigrationFailedError): Finding {
  return finding(
    'HISTORY_FAILS',
    TENANT_SCHEMA,
    `Migration ${migration} fails in a new schema: ${cause instanceof Error ? cause.message : String(cause)}. ` +
      'New tenants cannot be created, and tenants that have the migration cannot be cloned. No structure was compared.',
    'Correct the migration, or the objects outside its schema that it needs. For an extension, see EXTENSION_IN_TENANT.',
  );
}
