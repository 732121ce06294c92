import type { CpuOfRequest } from '../cpu-time.js';
import { markdownTable } from '../http/report/text.js';
import { VARIANTS, type VariantName } from '../variants/index.js';
import { byLayer, LAYERS, type SelfTime } from './layers.js';

/** One variant under one workload. */
export interface Profiled extends CpuOfRequest {
  readonly variant: VariantName;
  readonly times: readonly SelfTime[];
}

/** Functions listed of each kind. */
const LISTED = 12;

/** Microseconds of CPU for one request, by layer. */
export function layerTable(profiled: readonly Profiled[]): string {
  const columns = profiled.map(layerColumn);
  const titles = profiled.map(({ variant }) => VARIANTS[variant].title);
  const rows = [...LAYERS, 'the process', 'PostgreSQL'].map((row, index) =>
    [row].concat(columns.map((column) => column[index] ?? '')),
  );
  return markdownTable(['µs of CPU a request', ...titles], rows);
}

function layerColumn(profiled: Profiled): string[] {
  const { processUs, databaseUs, times } = profiled;
  const shares = Array.from(
    byLayer(times).values(),
    (share) => `${(share * processUs).toFixed(0)} (${(share * 100).toFixed(0)} %)`,
  );
  return shares.concat(processUs.toFixed(0), databaseUs.toFixed(0));
}

/** The functions that take the most themselves: of the engine, and of all. */
export function hotSpots(profiled: readonly Profiled[]): string {
  const { times = [] } = profiled.find(({ variant }) => variant === 'ours') ?? {};
  return [
    list(
      'the engine and the application',
      times.filter(({ layer }) => layer === 'engine' || layer === 'application'),
    ),
    list('all of ours', times),
  ].join('\n');
}

function list(title: string, times: readonly SelfTime[]): string {
  const rows = times
    .slice(0, LISTED)
    .map(({ at, share }) => [`\`${at}\``, `${(share * 100).toFixed(1)} %`]);
  return markdownTable([title, 'share'], rows);
}
