// Where each file goes. Folders and patterns first; connection/, schemas/ and errors/ file by file.
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

export const ENGINE = 'packages/nest-tenant-schemas';
export const EMBEDDED = 'packages/embedded-postgres-server';
export const SUPPORT = 'packages/test-support';

/** Room by room: name (of X.ts, its X.spec.ts goes along) -> folder below `src`. A new file needs a line here. */
const rooms = (folder, table) =>
  Object.entries(table).flatMap(([room, names]) =>
    names
      .split(/\s+/)
      .filter(Boolean)
      .map((name) => [`${folder}/${name}`, room]),
  );

const TABLE = new Map([
  // The rest of core stays in it.
  ...rooms('core', {
    'core/names': 'marker quote-identifier reserved-words role-name schema-name',
  }),
  ...rooms('connection', {
    connection: 'tenant-data-source',
    'connection/pool': `tenant-pool refused-pool-options connection-affinity connection-budget connection-limits checkout.interface
      transaction-pooler`,
    'connection/client':
      'tenant-client tenant-statement statement client-of backend undefined-table-hint after-failed unread-streams',
    'connection/wire': `connection-prologue prologue write-prologue-on-the-wire write-schema-on-the-wire connection-status
      end-of-cursors sync-after-errors pin-options session-timeouts date-style`,
    'connection/prepared': 'prepared-statements statement-preparation named-query',
    'connection/typeorm': `bound-data-source bound-scope carried-over-entities entity-owner entity-guard guarded-operations wrap-methods guarded-query-runner lazy-relations
      tenant-broadcaster tenant-query-cache whole-data-source`,
  }),
  ...rooms('schemas', {
    'schemas/catalog': `schema-target schema-locks lock-tables migration-ledger schema-comparison schema-definitions
      schema-selection typeorm-metadata catalogue-settings time-limits schema-session`,
    'schemas/migrate': `schema-migrator migration-step migration-recorder migration-status migration-result.interface
      revertible statement-batch fleet transaction-watch new-objects`,
    'schemas/lifecycle':
      'tenant-provisioner schema-build create-mark schema-dropper drop-steps outside-objects tenant-renamer rename-schema rename-text rename-values',
    'schemas/clone':
      'tenant-cloner clone-catalogue clone-data clone-order clone-source clone-constraints clone-reads clone-references exact-text parsed-parts remade-definitions',
    'schemas/generate': `migration-generator migration-template generable-entities scratch-comparison scratch-database`,
    // Of the module, not of a concern of schemas.
    '': 'start-up-checks',
  }),
  ...rooms('errors', {
    errors: `tenancy.error http-status tenancy-options.error operation-refused.error schema-name-invalid.error
      tenant-header.error tenant-not-found.error tenant-conflict.error tenant-context-missing.error
      tenant-mismatch.error`,
    'errors/connection': `connection-released.error dirty-client.error pool-exhausted.error statement-outdated.error
      tenant-pin.error`,
    'errors/schemas': `clone-refused.error drop-blocked.error migration-failed.error migration-not-generated.error
      rename-refused.error schema-ahead.error transaction-ended.error`,
  }),
]);

/** Rooms of the embedded server; the rest stays in its `src`. */
const EMBEDDED_TABLE = new Map(
  rooms('.', {
    binaries: 'account binaries binaries-copy',
    claims: 'claims mutex processes',
    server: `server server.interface cluster postmaster ready run server-log port prepare-roles secrets`,
  }),
);

/** Folders of the engine that go as they are. */
const WHOLE = {
  core: 'core',
  context: 'context',
  interfaces: 'interfaces',
  resolution: 'request',
  'schemas/doctor': 'schemas/doctor',
  'schemas/roles': 'schemas/roles',
};

/** Folders of specs of which those go that need nothing of the application. */
const ENGINE_SPECS = ['tenancy', 'schemas', 'roles', 'model', 'nest', 'attacks'];

const isEngineSpec = (path) => ENGINE_SPECS.some((folder) => path.startsWith(`test/${folder}/`));

/** What the embedded server's specs use alone. */
const EMBEDDED_SUPPORT = /^test\/support\/embedded\/(child|protocol|sandbox|test-process)\.ts$/;

/** Of the application's processes, whatever it imports. */
const APPLICATION_SUPPORT =
  /^test\/support\/(application|processes|hosted-commands|terminal|command-host|global-setup|global-teardown|resolver)\./;

/** Support of specs that every package uses. */
const SHARED_SUPPORT =
  /^test\/support\/(test-server|test-servers|test-database|throw-away|throw-away-embedded|pg-cursor\.d)\.ts$/;

const isApplication = (path) =>
  (path.startsWith('src/') &&
    !path.startsWith('src/tenancy/') &&
    !path.startsWith('src/database/embedded/') &&
    path !== 'src/config/private-file.ts') ||
  path === 'ormconfig.ts' ||
  APPLICATION_SUPPORT.test(path);

/** Resolves a relative import as the sources write it. */
export function resolveImport(from, specifier, files) {
  const path = normalize(join(dirname(from), specifier));
  for (const candidate of [path.replace(/\.js$/, '.ts'), path, `${path}.ts`]) {
    if (files.has(candidate)) return candidate;
  }
  return undefined;
}

/** @returns Map of old path to new path */
export function movesOf(files, importsOf) {
  const moves = new Map();
  const problems = [];
  for (const path of files) {
    if (path.startsWith('src/tenancy/')) {
      const inside = path.slice('src/tenancy/'.length);
      const folder = dirname(inside);
      const name = inside.slice(folder === '.' ? 0 : folder.length + 1);
      if (folder === '.') moves.set(path, `${ENGINE}/src/${name}`);
      else if (folder in WHOLE) {
        const room = TABLE.get(`${folder}/${name.replace(/(\.spec)?\.ts$/, '')}`) ?? WHOLE[folder];
        moves.set(path, `${ENGINE}/src/${room}/${name}`);
      } else {
        const room = TABLE.get(`${folder}/${name.replace(/(\.spec)?\.ts$/, '')}`);
        if (room === undefined) problems.push(path);
        else moves.set(path, join(ENGINE, 'src', room, name));
      }
    } else if (path.startsWith('src/database/embedded/')) {
      const name = path.slice('src/database/embedded/'.length);
      const room = EMBEDDED_TABLE.get(`./${name.replace(/(\.spec)?\.ts$/, '')}`) ?? '';
      moves.set(path, join(EMBEDDED, 'src', room, name));
    } else if (path === 'src/config/private-file.ts') {
      moves.set(path, `${EMBEDDED}/src/private-file.ts`);
    } else if (/^test\/database\/embedded-.*\.ts$/.test(path)) {
      moves.set(path, `${EMBEDDED}/test/${path.slice('test/database/'.length)}`);
    } else if (EMBEDDED_SUPPORT.test(path)) {
      moves.set(path, `${EMBEDDED}/test/support/${path.split('/').at(-1)}`);
    }
  }
  if (problems.length > 0) {
    throw new Error(
      `No room for these files; add each to TABLE in ${import.meta.filename}:\n  ${problems.join('\n  ')}`,
    );
  }
  const needs = new Map();
  const needsApplication = (path, seen = new Set()) => {
    if (isApplication(path)) return true;
    if (needs.has(path)) return needs.get(path);
    if (seen.has(path)) return false;
    seen.add(path);
    const answer = importsOf(path).some((target) => needsApplication(target, seen));
    if (answer || seen.size === 1) needs.set(path, answer);
    return answer;
  };
  const importsEngineOrSpecs = (path) =>
    importsOf(path).some((target) => target.startsWith('src/tenancy/') || isEngineSpec(target));
  for (const path of files) {
    if (!isEngineSpec(path) || !/\.(ts|js)$/.test(path) || needsApplication(path)) continue;
    // Attacks without the engine are on the application.
    if (path.startsWith('test/attacks/') && !importsEngineOrSpecs(path)) continue;
    moves.set(path, `${ENGINE}/${path}`);
  }
  // Support goes where all packages can import it, with what it imports in turn.
  const share = (path) => {
    if (!path.startsWith('test/support/') || moves.has(path)) return;
    if (needsApplication(path))
      throw new Error(`${path} needs the application, and a spec of a package needs it.`);
    moves.set(path, `${SUPPORT}/src/${path.split('/').at(-1)}`);
    importsOf(path).forEach(share);
  };
  for (const path of files) if (SHARED_SUPPORT.test(path)) share(path);
  for (const path of Array.from(moves.keys())) importsOf(path).forEach(share);
  const outside = [...moves].flatMap(([path]) =>
    importsOf(path)
      .filter((target) => !moves.has(target))
      .map((target) => `${path} imports ${target}`),
  );
  if (outside.length > 0) {
    throw new Error(
      `Files of packages import what stays at the root; see ${import.meta.filename}:\n  ${outside.join('\n  ')}`,
    );
  }
  const targets = [...moves.values()];
  const twice = targets.filter(
    (target, index) => targets.indexOf(target) !== index || existsSync(target),
  );
  if (twice.length > 0) throw new Error(`Two files for one place:\n  ${twice.join('\n  ')}`);
  return moves;
}
