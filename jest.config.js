// Jest 30 on Node 20 cannot require ESM, and Nest 12 is ESM only: everything, those packages included,
// is transformed to CommonJS by swc. See docs/decisions/0005-dependencies.md.
const swc = [
  '@swc/jest',
  {
    swcrc: false,
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
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

const base = {
  testEnvironment: 'node',
  transform: { '^.+\\.(ts|m?js)$': swc },
  // The ESM-only packages, wherever they are nested.
  transformIgnorePatterns: [
    '/node_modules/(?!.*(@nestjs|cookie|file-type|strtok3|token-types|uint8array-extras|@tokenizer|@borewit|lru-cache)/)',
  ],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1', '$1.js'] },
  moduleFileExtensions: ['js', 'ts', 'mjs', 'json', 'node'],
};

export default {
  projects: [
    { ...base, displayName: 'unit', roots: ['<rootDir>/src'], testMatch: ['**/*.spec.ts'] },
    {
      ...base,
      displayName: 'integration',
      roots: ['<rootDir>/test'],
      testMatch: ['**/*.spec.ts', '**/*.e2e-spec.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.js',
      globalTeardown: '<rootDir>/test/support/global-teardown.js',
      globals: { testServerName: process.env.TEST_SERVER ?? '18' },
    },
  ],
};
