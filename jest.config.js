// Jest 30 on Node 20 cannot require ESM, and Nest 12 is ESM only: everything, those packages included,
// is transformed to CommonJS by swc. Decision: docs/decisions/0005-dependencies.md.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const swc = [
  '@swc/jest',
  {
    swcrc: false,
    module: { type: 'commonjs' },
    // Beside the code: within it they are read with each module of each spec file.
    sourceMaps: true,
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: {
        legacyDecorator: true,
        decoratorMetadata: true,
        useDefineForClassFields: false,
      },
      keepClassNames: true,
    },
  },
];

/** Packages that are ESM only, wherever they are nested. */
const ESM_ONLY =
  '@nestjs|content-disposition|cookie|file-type|strtok3|token-types|uint8array-extras|@tokenizer|@borewit';

const base = {
  testEnvironment: '<rootDir>/test/support/modules/environment.cjs',
  transform: { '^.+\\.(ts|m?js)$': swc },
  transformIgnorePatterns: [`/node_modules/(?!.*(${ESM_ONLY})/)`],
  resolver: '<rootDir>/test/support/modules/bundle-resolver.cjs',
  // Packages of this repository from their sources: no build comes between a change and its test.
  testEnvironmentOptions: { customExportConditions: ['workspace-source', 'node', 'node-addons'] },
  moduleFileExtensions: ['js', 'ts', 'mjs', 'json', 'node'],
};

const integration = {
  ...base,
  roots: ['<rootDir>/test', '<rootDir>/packages'],
  testMatch: [
    '<rootDir>/test/**/*.spec.ts',
    '<rootDir>/test/**/*.e2e-spec.ts',
    '<rootDir>/packages/*/test/**/*.spec.ts',
  ],
  globalSetup: '<rootDir>/test/support/global-setup.js',
  globalTeardown: '<rootDir>/test/support/global-teardown.js',
};

/** Of the specs in test the one that `npm run check` runs as well: it reads source files only. */
const WITHOUT_DATABASE = '<rootDir>/test/architecture.spec.ts';

/** Everything runs on the embedded PostgreSQL 18, or on the server of TEST_DATABASE_URL. */
const hasOwnServer = Boolean(process.env.TEST_DATABASE_URL);

const PGBOUNCER = '/usr/sbin/pgbouncer';

/** Where the binaries of a version of PostgreSQL are; those of the first server come by `npm ci`. */
const binariesOf = (version) =>
  process.env[`POSTGRES_${version}_BINARIES`] ?? `/usr/lib/postgresql/${version}/bin`;

/**
 * The isolation specs run on these servers as well, for example `15,18+pgbouncer`. By default on the one that differs most
 * from the first; .ci/full takes all.
 */
const OTHER_SERVERS = (process.env.TEST_SERVERS ?? '15+pgbouncer')
  .split(',')
  .filter(Boolean)
  .map((name) => {
    const [version, pooler] = name.split('+');
    const server = version === '18' ? [] : [`${binariesOf(version)}/postgres`];
    return {
      name,
      needs: pooler ? [...server, PGBOUNCER] : server,
      // Memberships of roles are other ones before 16; new values of an enum and the catalogue differ between versions.
      folders: ['tenancy', 'model', ...(pooler ? [] : ['roles', 'provisioning'])],
    };
  });

/**
 * Specs that need one server only: what they test never reaches the server, or reaches each server in the same way. They run
 * on the oldest TypeORM instead, whose methods and statements differ.
 */
const CLIENT_SIDE = [
  '/test/tenancy/typeorm/',
  '/test/registry/registry-option\\.spec\\.ts$',
  ...[
    'context/async-hazards',
    'pool/connection-affinity',
    'pool/connection-options',
    'pool/double-release',
    'statements/statement-objects',
    'statements/tenant-connection',
  ].map((name) => `/test/tenancy/${name}\\.spec\\.ts$`),
];

/** The engine's specs, and those of them that need the application. */
const SPECS = ['packages/nest-tenant-schemas/test', 'test'];

function isolationOn({ name, needs, folders }) {
  const missing = needs.filter((path) => !existsSync(path));
  if (missing.length === 0) {
    return [
      {
        ...integration,
        displayName: `isolation on ${name}`,
        roots: SPECS.flatMap((specs) => folders.map((folder) => `${specs}/${folder}`))
          .filter((path) => existsSync(path))
          .map((path) => `<rootDir>/${path}`),
        // That the model finds leaks is shown once.
        testPathIgnorePatterns: ['/node_modules/', '/test/model/controls', ...CLIENT_SIDE],
        globals: { testServerName: name },
      },
    ];
  }
  if (process.env.CI)
    throw new Error(`CI runs the isolation specs on ${name}: install ${missing}.`);
  process.stderr.write(
    `The isolation specs are not run on ${name}: ${missing} is not installed.\n`,
  );
  return [];
}

/** The oldest versions of Nest, TypeORM and pg that the engine supports, from a package of their own. */
const NEST_11 = 'packages/nest-tenant-schemas/test/nest-11/node_modules';

/**
 * The engine's specs on the oldest versions: in .ci/run the client-side ones, in .ci/full all. What differs there: docs/decisions/0020-package.md.
 */
function onNest11() {
  if (!existsSync(NEST_11)) {
    if (process.env.CI) throw new Error(`CI runs specs on Nest 11: ${NEST_11} is not installed.`);
    process.stderr.write(`The specs are not run on Nest 11: ${NEST_11} is not installed.\n`);
    return [];
  }
  return [
    {
      ...integration,
      displayName: 'nest 11',
      resolver: '<rootDir>/test/support/modules/source-resolver.cjs',
      roots: ['<rootDir>/packages/nest-tenant-schemas/test'],
      testMatch: undefined,
      // TypeORM 0.3 generates other statements for enums, so this spec's case of a `down` that fails does not exist there.
      testPathIgnorePatterns: [
        '/node_modules/',
        '/test/schemas/migration-generate-scratch',
        ...LEFT_OUT,
      ],
      testRegex:
        process.env.NEST_11_SPECS === 'all'
          ? '\\.spec\\.ts$'
          : CLIENT_SIDE.map((spec) => (spec.endsWith('/') ? `${spec}.*\\.spec\\.ts$` : spec)),
      moduleNameMapper: {
        '^((?:@nestjs/[a-z-]+|typeorm|pg)(?:/.*)?)$': `<rootDir>/${NEST_11}/$1`,
      },
      globals: { testServerName: hasOwnServer ? 'given' : '18' },
    },
  ];
}

/** Specs that need what `npm ci` does not install, and what that is. */
const NEEDS = [
  {
    spec: 'packages/nest-tenant-schemas/test/replicas/',
    needs: `${binariesOf('15')}/pg_basebackup`,
  },
  { spec: 'test/replicas/', needs: `${binariesOf('15')}/pg_basebackup` },
  { spec: 'test/e2e/generated-client.e2e-spec.ts', needs: 'test/client/node_modules' },
  { spec: 'test/e2e/swagger-ui.e2e-spec.ts', needs: '/usr/bin/chromium' },
  { spec: 'test/schemas/restored.spec.ts', needs: '/usr/lib/postgresql/15/bin/pg_dump' },
];

/** The specs that cannot run here; in CI everything has to. */
function leftOut() {
  const missing = NEEDS.filter(({ needs }) => !existsSync(needs));
  for (const { spec, needs } of missing) {
    if (process.env.CI) throw new Error(`CI runs ${spec}: install ${needs}.`);
    process.stderr.write(`${spec} is not run: ${needs} is not installed.\n`);
  }
  return missing.map(({ spec }) => `<rootDir>/${spec}`);
}

const LEFT_OUT = leftOut();

export default {
  // A test waits for conditions, not for times: this only ends one that hangs. A test of many commands took over a minute on two
  // busy processors.
  testTimeout: 180_000,
  // Two more than processors: specs also wait for timers, and for what a server or a process does on another processor.
  maxWorkers: availableParallelism() + 2,
  testSequencer: '<rootDir>/test/support/sequencer.cjs',
  projects: [
    {
      ...base,
      displayName: 'unit',
      roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/packages'],
      testMatch: [
        '<rootDir>/src/**/*.spec.ts',
        '<rootDir>/packages/*/src/**/*.spec.ts',
        WITHOUT_DATABASE,
      ],
    },
    {
      ...integration,
      displayName: 'integration',
      testPathIgnorePatterns: ['/node_modules/', WITHOUT_DATABASE, ...LEFT_OUT],
      globals: { testServerName: hasOwnServer ? 'given' : '18' },
    },
    ...onNest11(),
    ...(hasOwnServer ? [] : OTHER_SERVERS.flatMap(isolationOn)),
  ],
};
