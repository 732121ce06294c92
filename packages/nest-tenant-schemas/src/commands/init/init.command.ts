import { existsSync, readFileSync } from 'node:fs';
import { type INestApplicationContext } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { Command, Option } from 'nest-commander';
import { DataSource } from 'typeorm';
import { type AdoptionPlan, planAdoption, SchemaAdopter, suggestSchemaName } from '../../index.js';
import { CliRuntime } from '../runtime/cli-runtime.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';
import { APPLICATION } from '../scoped/tenant-scoped-command.js';
import { type NewNames, TenantNaming } from '../tenants/tenant-naming.js';
import { TenantPresenter } from '../tenants/tenant-presenter.js';
import { ReportedFailure, UsageError } from '../terminal/exit-code.js';
import { print, printJson, printProblem } from '../terminal/output/output.js';
import { planLines } from './plan-lines.js';
import type { SourceChange } from './source/source-change.js';
import { findSourceChanges } from './source/source-changes.js';
import { readDataSourceLines, readSourceLines } from './source/source-files.js';
import { findWaysAroundTenants } from './source/ways-around-tenants.js';

interface Options extends NewNames {
  readonly apply?: boolean;
  readonly undo?: boolean;
  readonly shared?: readonly string[];
  readonly source?: string;
  readonly json?: boolean;
}

/** Stands for the schema of the first tenant in a plan. */
const UNNAMED = 'first_tenant';

type Application = Pick<INestApplicationContext, 'get'> | ModuleRef;

@Command({
  name: 'init',
  description:
    'Prints how to convert a single-tenant application. ' +
    'With --apply the command moves the objects of public to the first tenant. With --undo it moves them back.',
})
export class InitCommand extends TenancyCommand {
  constructor(
    runtime: CliRuntime,
    private readonly presenter: TenantPresenter,
    private readonly naming: TenantNaming,
  ) {
    super(runtime);
  }

  async run(_args: string[], options: Options): Promise<void> {
    const { apply, undo, name, schema } = options;
    if (apply && undo) throw new UsageError('Give either --apply or --undo, not both.');
    this.naming.check({
      ...(name !== undefined && { name }),
      ...(schema !== undefined && { schema }),
    });
    if (apply) return this.apply(options);
    return undo ? this.undo(options) : this.plan(options);
  }

  @Option({ flags: '--apply', description: 'move the objects of public to the first tenant' })
  parseApply(): boolean {
    return true;
  }

  @Option({
    flags: '--undo',
    description: 'move the objects of one tenant (see --schema) back to public',
  })
  parseUndo(): boolean {
    return true;
  }

  @Option({ flags: '--name <name>', description: 'name of the first tenant' })
  parseName(value: string): string {
    return value;
  }

  @Option({
    flags: '--schema <schema>',
    description:
      'schema of the first tenant (default: derived from the name), or of the tenant to undo',
  })
  parseSchema(value: string): string {
    return value;
  }

  @Option({
    flags: '--shared <tables>',
    description:
      'tables and other objects that all tenants share, e.g. --shared countries,currencies; repeatable',
  })
  parseShared(value: string, before: readonly string[] = []): readonly string[] {
    return [
      ...before,
      ...value
        .split(',')
        .map((table) => table.trim().replace(/^public\./, ''))
        .filter(Boolean),
    ];
  }

  @Option({
    flags: '--source <folder>',
    description: 'folder with the source of the application (default: src)',
  })
  parseSource(value: string): string {
    return value;
  }

  private async plan({ name, schema, shared = [], source, json }: Options): Promise<void> {
    const names = schema ?? (name === undefined ? UNNAMED : suggestSchemaName(name));
    const { plan, changes } = await this.runtime.use(
      APPLICATION,
      async (application: Application) => {
        const dataSource = dataSourceOf(application);
        const adopter = find(application, SchemaAdopter);
        const lines = readSource(source);
        return {
          plan: await (adopter?.plan(names, { shared }) ??
            planAdoption(dataSource, names, { shared })),
          changes: [
            ...findSourceChanges(lines, dataSource, shared),
            ...findWaysAroundTenants(lines, readIfExists('package.json')),
          ],
        };
      },
      { allowsSingleTenant: true },
    );
    if (json) printJson(planJson(names, plan, changes));
    else for (const line of planLines(plan, changes)) print(line);
    const { length } = plan.obstacles;
    if (length === 0) return;
    printProblem(`${length} ${length === 1 ? 'object prevents' : 'objects prevent'} the adoption.`);
    throw new ReportedFailure();
  }

  private async apply({ name, schema, shared = [], json }: Options): Promise<void> {
    if (name === undefined && schema === undefined) {
      throw new UsageError('The first tenant needs a name: --name <name>.');
    }
    const names = {
      ...(name !== undefined && { name }),
      schema: schema ?? suggestSchemaName(name ?? ''),
    };
    this.naming.check(names);
    const tenant = await this.adopt((adopter) =>
      adopter.adopt(this.naming.created(names), { shared }),
    );
    if (json) return printJson(this.presenter.toJson(tenant));
    print(
      `Adopted the tables of public as tenant "${this.presenter.nameOf(tenant)}" in schema ${tenant.schema}.`,
    );
    print(`  ${this.presenter.idLabel}  ${tenant.id}`);
    print(`Undo it with: tenant-schemas init --undo --schema ${tenant.schema}`);
  }

  private async undo({ schema, json }: Options): Promise<void> {
    if (schema === undefined)
      throw new UsageError('Name the schema of the tenant: --schema <schema>.');
    const tenant = await this.runtime.useUpToDate(SchemaAdopter, (adopter) => adopter.undo(schema));
    if (json) return printJson(this.presenter.toJson(tenant));
    print(`Moved the tables of schema ${schema} to public, and removed its tenant.`);
  }

  private adopt<R>(work: (adopter: SchemaAdopter) => Promise<R>): Promise<R> {
    return this.runtime.use(
      APPLICATION,
      async (application: Application) => {
        const adopter = find(application, SchemaAdopter);
        if (adopter) return work(adopter);
        throw new UsageError(
          'The application does not import TenantModule yet. First make the changes that this command prints: tenant-schemas init',
        );
      },
      { allowsSingleTenant: true },
    );
  }
}

function readSource(folder: string | undefined): ReturnType<typeof readSourceLines> {
  try {
    return [
      ...readSourceLines(folder ?? 'src'),
      ...(folder === undefined ? readDataSourceLines('.') : []),
    ];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw error;
    if (folder !== undefined)
      throw new UsageError(`--source ${folder} does not exist.`, { cause: error });
    return [];
  }
}

function readIfExists(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** @throws UsageError if the application has no DataSource for PostgreSQL */
function dataSourceOf(application: Application): DataSource {
  const dataSource = find(application, DataSource);
  if (dataSource?.options.type === 'postgres') return dataSource;
  throw new UsageError(
    'init needs the default DataSource of the application, for PostgreSQL. ' +
      'Import TypeOrmModule.forRoot({ type: "postgres", … }) in its module.',
  );
}

function find<T>(
  application: Application,
  token: abstract new (...args: never[]) => T,
): T | undefined {
  try {
    return application.get(token as never, { strict: false });
  } catch {
    return undefined;
  }
}

function planJson(
  schema: string,
  { moves, stays, obstacles, warnings }: AdoptionPlan,
  changes: readonly SourceChange[],
): object {
  return {
    schema,
    changes,
    moves: moves.map(({ type, identity }) => ({ what: `${type} ${identity}` })),
    stays,
    obstacles,
    warnings,
  };
}
