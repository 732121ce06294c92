import type { DataSource } from 'typeorm';
import { findPlacesToCheck } from './places-to-check.js';
import { findUnboundSchedules } from './scheduled-methods.js';
import { findSharedLoaders } from './shared-loaders.js';
import { at, type SourceChange } from './source-change.js';
import type { SourceLine } from './source-files.js';

const REFUSED_OPTIONS = ['synchronize', 'dropSchema', 'migrationsRun'] as const;

/**
 * Lists what to change in the source of a single-tenant application, in the order of its lines.
 *
 * @param shared names of tables that all tenants share
 */
export function findSourceChanges(
  lines: readonly SourceLine[],
  { options, entityMetadatas }: Pick<DataSource, 'options' | 'entityMetadatas'>,
  shared: readonly string[],
): SourceChange[] {
  const find = (pattern: RegExp): SourceLine | undefined =>
    lines.find(({ text }) => pattern.test(text));
  const hasWrapper = find(/\btenantDataSourceOptions\s*\(/) !== undefined;
  const module = find(/\bTenantModule\.forRoot(?:Async)?\s*\(/);
  const hasTokens = hasUnboundTokens(lines);
  const root = find(/\bTypeOrmModule\.forRoot(?:Async)?\s*\(/);
  return [
    ...(hasWrapper ? [] : [at(optionsLine(lines, root) ?? root, wrapperChange(root))]),
    ...refusedOptions(lines, hasWrapper ? {} : options),
    ...(module ? [] : [at(root, moduleChange(options, hasTokens))]),
    ...(module && hasTokens
      ? [at(module, 'Bind tokens to their tenants: TenantModule.forRoot({ …, bindTokens: true })')]
      : []),
    ...findPlacesToCheck(lines),
    ...findUnboundSchedules(lines).map((line) =>
      at(line, 'Add @ForEachTenant() below it if the method works on rows of tenants'),
    ),
    ...findSharedLoaders(lines).map((line) =>
      at(
        line,
        'Create the loader per request if requests share it. A shared loader gives the rows of one tenant to all. ' +
          'A provider needs @Injectable({ scope: Scope.REQUEST })',
      ),
    ),
    ...entityMetadatas
      .filter(
        ({ tableName, tableMetadataArgs }) =>
          shared.includes(tableName) && tableMetadataArgs.schema === undefined,
      )
      .map(({ name, tableName }) =>
        at(
          entityLine(lines, name),
          `Share the table with all tenants: @Entity({ name: '${tableName}', schema: 'public' })`,
        ),
      ),
  ];
}

const wrapperChange = (root: SourceLine | undefined): string =>
  root && /forRootAsync/.test(root.text)
    ? 'Wrap the options that the factory returns: tenantDataSourceOptions({ … })'
    : 'Wrap the options: TypeOrmModule.forRoot(tenantDataSourceOptions({ … }))';

function moduleChange({ migrations }: DataSource['options'], hasTokens: boolean): string {
  const source =
    Object.values(migrations ?? {}).length > 0 ? '' : "{ glob: 'dist/migrations/*.js' }";
  const tokens = hasTokens ? ', bindTokens: true' : '';
  return (
    'Add to the imports, after TypeOrmModule: ' +
    `TenantModule.forRoot({ tenantMigrations: singleTenantMigrations(${source})${tokens} })`
  );
}

/** Returns whether the application has tokens by `@nestjs/jwt` or `passport-jwt` that belong to no tenant. */
function hasUnboundTokens(lines: readonly SourceLine[]): boolean {
  const has = (pattern: RegExp): boolean => lines.some(({ text }) => pattern.test(text));
  return (
    has(/['"](?:@nestjs\/jwt|passport-jwt)['"]/) &&
    !has(/\b(?:bindTokens|TenantJwtModule|assertTokenOfTenant)\b/)
  );
}

/** Returns the line of the factory that returns the options: in the module itself, or in the class that it names. */
function optionsLine(
  lines: readonly SourceLine[],
  root: SourceLine | undefined,
): SourceLine | undefined {
  if (!root || !/forRootAsync/.test(root.text)) return undefined;
  const after = lines.filter(({ file, line }) => file === root.file && line >= root.line);
  const factory = after.find(({ text }) => /\buse(?:Factory|Class|Existing)\b/.test(text));
  if (factory && /\buseFactory\b/.test(factory.text)) return factory;
  const [, name] = /\buse(?:Class|Existing):\s*(\w+)/.exec(factory?.text ?? '') ?? [];
  const isClass = new RegExp(String.raw`\bclass ${name}\b`);
  const declaration = lines.find(({ text }) => name !== undefined && isClass.test(text));
  return lines.find(
    ({ file, line, text }) =>
      file === declaration?.file &&
      line >= declaration.line &&
      /\bcreateTypeOrmOptions\s*\(/.test(text),
  );
}

/** Says what replaces each option. */
const INSTEAD: Readonly<Record<(typeof REFUSED_OPTIONS)[number], string>> = {
  dropSchema: 'Instead, let tests call createTestTenant() of nest-tenant-schemas/testing',
  synchronize: 'Instead, run: tenant-schemas migrate-schemas',
  migrationsRun: 'Instead, run: tenant-schemas migrate-schemas',
};

/** Lists options that affect the whole database, and lines whose value the environment decides. */
function refusedOptions(lines: readonly SourceLine[], options: object): SourceChange[] {
  return REFUSED_OPTIONS.flatMap((name) => {
    const isSet = new RegExp(String.raw`\b${name}:\s*(?!false\b|boolean\b)\S`);
    const change = `${name} must be false in every environment: it changes the whole database. ${INSTEAD[name]}`;
    const set = lines.filter(({ text }) => isSet.test(text));
    if (set.length > 0) return set.map((line) => at(line, change));
    return (options as Record<string, unknown>)[name] ? [at(undefined, change)] : [];
  });
}

function entityLine(lines: readonly SourceLine[], name: string): SourceLine | undefined {
  const index = lines.findIndex(({ text }) => new RegExp(String.raw`\bclass ${name}\b`).test(text));
  const before = lines.slice(0, Math.max(0, index)).toReversed();
  return before.find(({ text }) => /@Entity\(/.test(text)) ?? lines[index];
}
