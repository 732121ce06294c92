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

it('names options that work on the whole database, also if the environment decides', () => {
  const module =
    'TypeOrmModule.forRoot({\nsynchronize: isLocal,\nmigrationsRun: false,\n})\nsynchronize: boolean;';
  const ofOption = (name: string, options?: object): string[] =>
    places({ 'a.ts': module }, options).filter((place) => place.includes(name));
  expect(ofOption('synchronize')).toEqual([
    'a.ts:2 synchronize must be false in every environment',
  ]);
  expect(ofOption('migrationsRun')).toEqual([]);
  expect(ofOption('dropSchema', { dropSchema: true })).toEqual([
    'undefined:undefined dropSchema must be false in every environment',
  ]);
});

describe('tokens', () => {
  const root = 'TypeOrmModule.forRoot({ a })';
  const strategy = "import { Strategy } from 'passport-jwt';";
  const tokenChanges = (files: Record<string, string>): string[] =>
    findSourceChanges(lines(files), application(), [])
      .map(({ change }) => change)
      .filter((change) => change.includes('oken'));

  it('are bound by the option of TenantModule', () => {
    expect(tokenChanges({ 'app.module.ts': root, 'jwt.strategy.ts': strategy })).toEqual([
      expect.stringContaining('bindTokens: true })'),
    ]);
    const module = `${root}\nTenantModule.forRoot({})`;
    expect(tokenChanges({ 'app.module.ts': module, 'jwt.strategy.ts': strategy })).toEqual([
      'Bind tokens to their tenants: TenantModule.forRoot({ …, bindTokens: true })',
    ]);
  });

  it.each([
    ['the option', 'TenantModule.forRoot({ bindTokens: false })'],
    ['the module', 'TenantModule.forRoot({})\nTenantJwtModule.register({})'],
    ['the check', 'TenantModule.forRoot({})\nassertTokenOfTenant(payload)'],
  ])('are bound already by %s', (_, bound) => {
    const files = { 'app.module.ts': `${root}\n${bound}`, 'jwt.strategy.ts': strategy };
    expect(tokenChanges(files)).toEqual([]);
  });
});

it.each([
  ['another library of tokens', "import jwt from 'jsonwebtoken';", 'Sign claimsOfTenant('],
  ['sessions', "import session from 'express-session';", "Keep the tenant's id in the session"],
  ['a cache', '@UseInterceptors(CacheInterceptor)', "Put the tenant's id into each cache key"],
  ['jobs', "@Processor('mail')", 'Put the tenant into each job'],
  ['sagas', '@Saga()', 'Put the tenant into events'],
  ['health checks', '@HealthCheck()', 'Add @PublicRoute()'],
])('names %s, unless the file knows tenants', (_, source, change) => {
  const changes = (text: string): string[] =>
    findSourceChanges(lines({ 'a.ts': text }), application(), []).map((found) => found.change);
  expect(changes(source)).toContainEqual(expect.stringContaining(change));
  const careful = '@PublicRoute()\ntenantContext.require().id\nassertTokenOfTenant(claims)';
  expect(changes(`${source}\n${careful}`)).not.toContainEqual(expect.stringContaining(change));
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
