// Which file may import what: docs/architecture.md as pure functions over (file, import), paths from the root.

/** The packages of this repository that its application uses, by the names it imports them by. */
const ENGINE = 'nest-tenant-schemas';
const EMBEDDED = 'embedded-postgres-server';
const ENGINE_SOURCES = `packages/${ENGINE}/src`;
const COMMANDS = `${ENGINE}/commands`;

/** What each package is imported by, of its exports; its folders are its own. */
const ENTRIES: Record<string, readonly string[]> = {
  [ENGINE]: [ENGINE, `${ENGINE}/auth`, COMMANDS, `${ENGINE}/testing`],
  [EMBEDDED]: [EMBEDDED, `${EMBEDDED}/private-file`],
};

/** A room of `src`, and the rooms and packages that it may import besides its own. */
const ROOMS: Record<string, readonly string[]> = {
  root: [
    'database',
    'commands',
    'tenant',
    'audit',
    'operators',
    'clients',
    'users',
    'polls',
    'health',
    'http',
    'config',
    ENGINE,
  ],
  // The engine's module, configured.
  tenant: ['clients', 'database', 'config', ENGINE],
  database: ['audit', 'clients', 'users', 'polls', 'config', ENGINE, EMBEDDED],
  commands: ['audit', 'clients', 'users', 'polls', 'http', 'config', ENGINE],
  clients: ['audit', 'operators', 'http', 'config', ENGINE],
  users: ['audit', 'operators', 'http', 'config', ENGINE],
  // For the current user.
  polls: ['users', 'http', 'config', ENGINE],
  operators: ['http'],
  audit: [ENGINE],
  health: ['http', 'config', ENGINE],
  http: ['config', ENGINE],
  // For private files.
  config: [EMBEDDED],
};

const BOTTOM = ['core', 'errors', 'interfaces'];
const CONNECTED = [...BOTTOM, 'context', 'connection'];

/** The same for the rooms of the engine; `root` are its module files. */
const ENGINE_ROOMS: Record<string, readonly string[]> = {
  core: BOTTOM,
  errors: BOTTOM,
  interfaces: BOTTOM,
  context: BOTTOM,
  connection: [...BOTTOM, 'context'],
  schemas: CONNECTED,
  request: CONNECTED,
  registry: CONNECTED,
  runner: CONNECTED,
  root: [...CONNECTED, 'schemas', 'request', 'registry', 'runner'],
  auth: ['root'],
  commands: ['root'],
  testing: ['root'],
};

/** The rooms of the engine that import what users get, and so its index only. */
const OUTSIDE_ROOMS = new Set(['auth', 'commands', 'testing']);

/** What each package may use of npm, so that it can be published on its own. */
const PACKAGES: Record<string, ReadonlySet<string>> = {
  [ENGINE]: new Set([
    '@nestjs/common',
    '@nestjs/core',
    '@nestjs/typeorm',
    'typeorm',
    'pg',
    'lru-cache',
    'tinyglobby',
    'rxjs',
    'reflect-metadata',
  ]),
  [EMBEDDED]: new Set(['embedded-postgres', 'pg']),
};

/** Packages that only one room uses, so that the engine loads without them. */
const OF_ROOMS: Record<string, ReadonlySet<string>> = {
  auth: new Set(['@nestjs/jwt']),
  commands: new Set(['nest-commander', 'cli-progress']),
};

/** The rooms of the application that have commands. */
const COMMAND_ROOMS = new Set(['root', 'commands']);

/** The rooms of the engine that may import Nest: a build has these in two forms, and all others must load once. */
const NEST_ROOMS = new Set(['root', 'request', 'runner', ...OUTSIDE_ROOMS]);

const isFile = (target: string): boolean => /^(?:src\/|packages\/|ormconfig)/.test(target);

/** The package whose file it is, or undefined for the application's. */
const packageOf = (file: string): string | undefined => /^packages\/([^/]+)\//.exec(file)?.[1];

/** `@nestjs/common` of `@nestjs/common/internal`. */
const packageName = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** `src/polls/dto/poll.dto.ts` in `src` is of the room `polls`; `src/main.ts` is of `root`. */
function roomOf(file: string, folder: string): string {
  const [first = '', ...rest] = file.slice(`${folder}/`.length).split('/');
  return rest.length === 0 || !file.startsWith(`${folder}/`) ? 'root' : first;
}

/**
 * Why a file may not import a target, or undefined when it may.
 *
 * @param file path from the repository's root
 * @param target the imported file's path from the root, or the specifier of a package
 */
export function importProblem(file: string, target: string): string | undefined {
  const owner = packageOf(file);
  return owner === undefined
    ? applicationProblem(file, target)
    : packageProblem(owner, file, target);
}

function applicationProblem(file: string, target: string): string | undefined {
  const from = roomOf(file, 'src');
  const allowed = ROOMS[from];
  if (!allowed) return `${file}: the room src/${from} is not in the rules`;
  const owner = packageOf(target);
  if (owner !== undefined) return `${file}: a package is imported by its name, not as ${target}`;
  if (isFile(target)) {
    const to = roomOf(target, 'src');
    return from === to || allowed.includes(to)
      ? undefined
      : `${file}: ${from} may not import ${to}`;
  }
  const name = packageName(target);
  const entries = ENTRIES[name];
  if (!entries) return undefined;
  if (!allowed.includes(name)) return `${file}: ${from} may not import ${name}`;
  if (target === COMMANDS && !COMMAND_ROOMS.has(from)) {
    return `${file}: ${from} may not import ${target}`;
  }
  return entries.includes(target) ? undefined : `${file}: ${name} exports no ${target}`;
}

function packageProblem(owner: string, file: string, target: string): string | undefined {
  if (!isFile(target)) {
    if (target.startsWith('node:')) return undefined;
    const name = packageName(target);
    const isOfRoom = owner === ENGINE && OF_ROOMS[roomOf(file, ENGINE_SOURCES)]?.has(name);
    if (!PACKAGES[owner]?.has(name) && !isOfRoom) {
      return `${file}: ${owner} may not import the package ${name}`;
    }
    return owner === ENGINE && name.startsWith('@nestjs/') ? nestProblem(file) : undefined;
  }
  if (packageOf(target) !== owner) return `${file}: ${owner} may not import ${target}`;
  return owner === ENGINE ? engineProblem(file, target) : undefined;
}

function nestProblem(file: string): string | undefined {
  const from = roomOf(file, ENGINE_SOURCES);
  return NEST_ROOMS.has(from) ? undefined : `${file}: in ${ENGINE}, ${from} may not import Nest`;
}

function engineProblem(file: string, target: string): string | undefined {
  const [from, to] = [roomOf(file, ENGINE_SOURCES), roomOf(target, ENGINE_SOURCES)];
  const allowed = ENGINE_ROOMS[from];
  if (!allowed) return `${file}: the room ${ENGINE_SOURCES}/${from} is not in the rules`;
  if (from === to) return undefined;
  if (!allowed.includes(to)) return `${file}: in ${ENGINE}, ${from} may not import ${to}`;
  if (!OUTSIDE_ROOMS.has(from) || target === `${ENGINE_SOURCES}/index.ts`) return undefined;
  return `${file}: in ${ENGINE}, ${from} may import index.ts only, not ${target}`;
}

/**
 * Why a file may not use a global, or undefined when it may.
 *
 * @param use `process.env`, `process.exit`, `console.log`, or the specifier of an import of the process
 */
export function globalProblem(file: string, use: string): string | undefined {
  const [from, name] = [roomOf(file, 'src'), use.replace(/^(?:node:)?process$/, 'process.env')];
  if (name === 'process.env' && from !== 'config') return `${file}: only config reads process.env`;
  const isCommand = roomOf(file, ENGINE_SOURCES) === 'commands' && !name.startsWith('console.');
  if (packageOf(file) === ENGINE && !isCommand && /^(?:console\.|process\.exit)/.test(name)) {
    return `${file}: ${ENGINE} may not use ${name}`;
  }
  return undefined;
}
