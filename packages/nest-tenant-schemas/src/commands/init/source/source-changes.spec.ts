// Where the options of the DataSource are written differs: in the module, in its factory, or in a class.
import type { DataSource } from 'typeorm';
import { findSourceChanges } from './source-changes.js';

type Application = Parameters<typeof findSourceChanges>[1];

const lines = (files: Record<string, string>): Parameters<typeof findSourceChanges>[0] =>
  Object.entries(files).flatMap(([file, text]) =>
    text.split('\n').map((line, index) => ({ file, line: index + 1, text: line.trim() })),
  );

const application = (
  options: Partial<DataSource['options']> = {},
  entities: object[] = [],
): Application => ({ options, entityMetadatas: entities }) as unknown as Application;

const places = (files: Record<string, string>, options?: object): string[] =>
  findSourceChanges(lines(files), application(options), []).map(
    ({ file, line, change }) => `${file}:${line} ${change.split(':')[0]}`,
  );

it('names the options of forRoot, and the place of TenantModule', () => {
  expect(places({ 'app.module.ts': 'imports: [\nTypeOrmModule.forRoot({ a }),\n]' })).toEqual([
    'app.module.ts:2 Wrap the options',
    'app.module.ts:2 Add to the imports, after TypeOrmModule',
  ]);
});

it('names the factory of forRootAsync', () => {
  const module = 'TypeOrmModule.forRootAsync({\ninject: [Config],\nuseFactory: (c) => c.db,\n})';
  expect(places({ 'app.module.ts': module })).toEqual([
    'app.module.ts:3 Wrap the options that the factory returns',
    'app.module.ts:1 Add to the imports, after TypeOrmModule',
  ]);
});

it('names the method of a class of forRootAsync', () => {
  const module = 'TypeOrmModule.forRootAsync({\nuseClass: TypeOrmConfigService,\n})';
  const config =
    'class Other {}\nexport class TypeOrmConfigService {\ncreateTypeOrmOptions(): Options {\n}\n}';
  expect(places({ 'app.module.ts': module, 'config.ts': config })).toEqual([
    'config.ts:3 Wrap the options that the factory returns',
    'app.module.ts:1 Add to the imports, after TypeOrmModule',
  ]);
});

it('says what to do if it does not find the place', () => {
  const [first] = findSourceChanges([], application(), []);
  expect(first).toEqual({
    file: undefined,
    line: undefined,
    text: undefined,
    change: 'Wrap the options: TypeOrmModule.forRoot(tenantDataSourceOptions({ … }))',
  });
});

it('names options that work on the whole database, if they are set', () => {
  const module = 'TypeOrmModule.forRoot({\nsynchronize: isLocal,\nmigrationsRun: false,\n})';
  expect(places({ 'a.ts': module }, { synchronize: true, migrationsRun: false })).toContain(
    'a.ts:2 Set synchronize',
  );
  expect(places({ 'a.ts': module }, { synchronize: false })).not.toContain(
    'a.ts:2 Set synchronize',
  );
});

it('lists the migrations by a glob if the DataSource has none', () => {
  const changeFor = (options: object): string | undefined =>
    findSourceChanges([], application(options), []).at(-1)?.change;
  expect(changeFor({})).toContain("singleTenantMigrations({ glob: 'dist/migrations/*.js' })");
  expect(changeFor({ migrations: ['dist/*.js'] })).toContain('singleTenantMigrations()');
});

/** The places that the list has for a file with these methods, in an application with tenants. */
const scheduled = (source: string): string[] =>
  places({
    'app.ts': 'TypeOrmModule.forRoot(tenantDataSourceOptions({})),\nTenantModule.forRoot({}),',
    'job.ts': `import { Cron } from '@nestjs/schedule';\n\n${source}`,
  });

it('names scheduled methods that run in no tenant', () => {
  const methods = [
    "@Cron('0 6 * * *')\nremind() {}",
    '@ForEachTenant()\n@Interval(1000)\npoll() {}',
    "@Cron('0 7 * * *', {\nname: 'clean',\n})\n@ForEachTenant()\nclean() {}",
    '@Timeout(1000)\nwarmUp() {}',
  ];
  expect(scheduled(methods.join('\n\n'))).toEqual([
    'job.ts:3 Add @ForEachTenant() below it if the method works on rows of tenants',
    'job.ts:16 Add @ForEachTenant() below it if the method works on rows of tenants',
  ]);
});

it.each([
  ['uses TenantRunner', "constructor(runner: TenantRunner) {}\n\n@Cron('0 6 * * *')\nrun() {}"],
  ['uses tenantContext', "@Cron('0 6 * * *')\nrun() {\n\ntenantContext.run(tenant, work);\n}"],
  ['has another decorator of such a name', '@CronOf(1)\nrun() {}\n\n@Timeouts(1)\nstop() {}'],
])('names no method of a file that %s', (_case, source) => {
  expect(scheduled(source)).toEqual([]);
});

it('names no method whose decorator is from another package', () => {
  const module = 'TypeOrmModule.forRoot(tenantDataSourceOptions({})),\nTenantModule.forRoot({}),';
  const source = "import { Timeout } from 'limits';\n\n@Timeout(1000)\nload() {}";
  expect(places({ 'app.ts': module, 'limited.ts': source })).toEqual([]);
});

/** The places that the list has for a file with this loader, in an application with tenants. */
const loading = (source: string): string[] =>
  places({
    'app.ts': 'TypeOrmModule.forRoot(tenantDataSourceOptions({})),\nTenantModule.forRoot({}),',
    'loader.ts': `import DataLoader from 'dataloader';\n${source}`,
  });

const CLASS = 'export class Authors';

it.each([
  ['in a field', `@Injectable()\n${CLASS} {\nloader = new DataLoader<number, Author>(load);`],
  ['as a base class', `@Injectable()\n${CLASS} extends DataLoader<number, Author> {}`],
  [
    'in a transient provider',
    `@Injectable({ scope: Scope.TRANSIENT })\n${CLASS} {\nloader = new DataLoader(load);`,
  ],
])('names a loader that requests may share, %s', (_case, source) => {
  expect(loading(source)).toEqual([
    expect.stringMatching(/^loader\.ts:[34] Create the loader per request/),
  ]);
});

it.each([
  ['of one request', '@Injectable({ scope: Scope.REQUEST })\nclass A {\na = new DataLoader(load);'],
  ['that a function returns', 'create() {\nreturn new DataLoader(load);\n}'],
  ['that an arrow function returns', 'context: () => ({ authors: new DataLoader(load) }),'],
  ['of another package', "import { DataLoaders } from 'rows';\na = new DataLoaders();"],
])('names no loader %s', (_case, source) => {
  expect(loading(source)).toEqual([]);
});

it('finds nothing in an application with tenants, except entities to share', () => {
  const module = 'TypeOrmModule.forRoot(tenantDataSourceOptions({})),\nTenantModule.forRoot({}),';
  const entity = (name: string, schema?: string): object => ({
    name,
    tableName: name.toLowerCase(),
    tableMetadataArgs: { schema },
  });
  const files = {
    'app.ts': module,
    'a.entity.ts': "@Entity()\n@Index(['a'])\nexport class Country {}",
  };
  const changes = findSourceChanges(
    lines(files),
    application({}, [entity('Country'), entity('Plan', 'public'), entity('User')]),
    ['country', 'plan'],
  );
  expect(changes).toEqual([
    {
      file: 'a.entity.ts',
      line: 1,
      text: '@Entity()',
      change: "Share the table with all tenants: @Entity({ name: 'country', schema: 'public' })",
    },
  ]);
});
