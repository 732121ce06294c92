import type { Profiler } from 'node:inspector';

/** Who a request's time is spent by, from the socket to the database and back. */
export const LAYERS = [
  'Node (sockets, HTTP)',
  'Node (async context)',
  'Fastify',
  'Nest',
  'validation',
  'application',
  'engine',
  'TypeORM',
  'driver',
  'garbage collection',
  'other',
] as const;

export type Layer = (typeof LAYERS)[number];

/** Layers of packages. Other files belong to a layer by their path. */
const PACKAGES: Readonly<Record<string, Layer>> = {
  fastify: 'Fastify',
  'find-my-way': 'Fastify',
  avvio: 'Fastify',
  'light-my-request': 'Fastify',
  'fast-json-stringify': 'Fastify',
  'secure-json-parse': 'Fastify',
  rxjs: 'Nest',
  'class-validator': 'validation',
  'class-transformer': 'validation',
  typeorm: 'TypeORM',
  pg: 'driver',
  'pg-pool': 'driver',
  'pg-protocol': 'driver',
  'pg-types': 'driver',
  'postgres-date': 'driver',
};

/** Whose file it is, by its path or address. */
export function layerOf(url: string): Layer {
  if (url.startsWith('node:')) {
    return /async_hooks|async_local_storage|async_context/.test(url)
      ? 'Node (async context)'
      : 'Node (sockets, HTTP)';
  }
  const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (name !== undefined) {
    if (name.startsWith('@fastify/')) return 'Fastify';
    if (name.startsWith('@nestjs/')) return 'Nest';
    return PACKAGES[name] ?? 'other';
  }
  if (url.includes('/packages/nest-tenant-schemas/')) return 'engine';
  return url.includes('/src/') ? 'application' : 'other';
}

/** Time of one function itself, without those that it calls. */
export interface SelfTime {
  readonly layer: Layer;
  /** `name file`; the file from the repository or the package on. */
  readonly at: string;
  /** Share of the time in which the process was busy, 0 to 1. */
  readonly share: number;
}

/** Returns the functions of a profile, the longest first. The time of native functions counts for their callers. */
export function selfTimes({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): SelfTime[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const times = new Map<string, { layer: Layer; at: string; time: number }>();
  let busy = 0;
  samples.forEach((sample, index) => {
    let node = byId.get(sample);
    const name = node?.callFrame.functionName ?? '';
    if (name === '(idle)') return;
    while (node && node.callFrame.url === '' && !node.callFrame.functionName.startsWith('(')) {
      node = byId.get(parents.get(node.id) ?? 0);
    }
    // Ignores the start and the end of the profiler itself.
    if (!node || node.callFrame.url === 'node:inspector') return;
    const time = Math.max(0, timeDeltas[index] ?? 0);
    busy += time;
    const own = describe(node.callFrame);
    const known = times.get(own.at) ?? { ...own, time: 0 };
    times.set(own.at, { ...known, time: known.time + time });
  });
  return Array.from(times.values(), ({ layer, at, time }) => ({
    layer,
    at,
    share: time / busy,
  })).toSorted((one, two) => two.share - one.share);
}

function describe({ functionName, url }: Profiler.ProfileNode['callFrame']): {
  layer: Layer;
  at: string;
} {
  if (functionName === '(garbage collector)')
    return { layer: 'garbage collection', at: functionName };
  if (url === '') return { layer: 'other', at: functionName };
  const file = url
    .replace(/^.*\/(?=packages\/[^/]+\/src\/)|^.*\/(?:node_modules|(?=src\/))/, '')
    .replace(/^\//, '');
  return { layer: layerOf(url), at: `${functionName || '(anonymous)'} ${file}` };
}

/** Shares of all layers, in their order. */
export function byLayer(times: readonly SelfTime[]): Map<Layer, number> {
  const shares = new Map<Layer, number>(LAYERS.map((layer) => [layer, 0]));
  for (const { layer, share } of times) shares.set(layer, (shares.get(layer) ?? 0) + share);
  return shares;
}
