// Which file may import what: docs/architecture.md as pure functions over (file, import), paths from the root.

/** A room of `src`, and the rooms whose files it may import besides its own. */
const ROOMS: Record<string, readonly string[]> = {
  root: [
    'database',
    'commands',
    'audit',
    'operators',
    'clients',
    'users',
    'polls',
    'health',
    'http',
    'config',
    'tenancy',
  ],
  database: ['audit', 'clients', 'users', 'polls', 'config', 'tenancy'],
  commands: ['audit', 'clients', 'users', 'polls', 'http', 'config', 'tenancy'],
  clients: ['audit', 'operators', 'http', 'config', 'tenancy'],
  users: ['audit', 'operators', 'http', 'config', 'tenancy'],
  // For the current user.
  polls: ['users', 'http', 'config', 'tenancy'],
  operators: ['http'],
  audit: ['tenancy'],
  health: ['http', 'config', 'tenancy'],
  http: ['config', 'tenancy'],
  config: [],
  tenancy: [],
};

const BOTTOM = ['core', 'errors', 'interfaces'];
const CONNECTED = [...BOTTOM, 'context', 'connection'];

/** The same for the rooms inside `src/tenancy`; `root` are its module files. */
const TENANCY_ROOMS: Record<string, readonly string[]> = {
  core: BOTTOM,
  errors: BOTTOM,
  interfaces: BOTTOM,
  context: BOTTOM,
  connection: [...BOTTOM, 'context'],
  schemas: CONNECTED,
  resolution: CONNECTED,
  root: [...CONNECTED, 'schemas', 'resolution'],
  testing: [...CONNECTED, 'schemas', 'resolution', 'root'],
};

/** What the engine may use of npm, so that it can be published on its own. */
const TENANCY_PACKAGES = new Set([
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/typeorm',
  'typeorm',
  'pg',
  'lru-cache',
  'rxjs',
  'reflect-metadata',
]);

const isFile = (target: string): boolean => /^(?:src\/|ormconfig)/.test(target);

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
  const from = roomOf(file, 'src');
  const allowed = ROOMS[from];
  if (!allowed) return `${file}: the room src/${from} is not in the rules`;
  if (!isFile(target)) {
    if (from !== 'tenancy' || target.startsWith('node:')) return undefined;
    const name = target.split('/', target.startsWith('@') ? 2 : 1).join('/');
    return TENANCY_PACKAGES.has(name)
      ? undefined
      : `${file}: tenancy may not import the package ${name}`;
  }
  const to = roomOf(target, 'src');
  if (from !== to && !allowed.includes(to)) return `${file}: ${from} may not import ${to}`;
  if (to !== 'tenancy') return undefined;
  if (from === 'tenancy') return tenancyProblem(file, target);
  const isDoor = target === 'src/tenancy/index.ts' || target.startsWith('src/tenancy/testing/');
  return isDoor ? undefined : `${file}: only src/tenancy/index.ts is for others, not ${target}`;
}

function tenancyProblem(file: string, target: string): string | undefined {
  const [from, to] = [roomOf(file, 'src/tenancy'), roomOf(target, 'src/tenancy')];
  const allowed = TENANCY_ROOMS[from];
  if (!allowed) return `${file}: the room src/tenancy/${from} is not in the rules`;
  if (from === to || allowed.includes(to)) return undefined;
  return `${file}: in tenancy, ${from} may not import ${to}`;
}

/**
 * Why a file may not use a global, or undefined when it may.
 *
 * @param use `process.env`, `process.exit`, `console.log`, or the specifier of an import of the process
 */
export function globalProblem(file: string, use: string): string | undefined {
  const [from, name] = [roomOf(file, 'src'), use.replace(/^(?:node:)?process$/, 'process.env')];
  if (name === 'process.env' && from !== 'config') return `${file}: only config reads process.env`;
  if (from === 'tenancy' && /^(?:console\.|process\.exit)/.test(name)) {
    return `${file}: tenancy may not use ${name}`;
  }
  return undefined;
}
