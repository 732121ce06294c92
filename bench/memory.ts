import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const BYTES_PER_MEGABYTE = 1024 * 1024;

/** Megabytes that this process uses, once garbage is collected. */
export interface MemoryInUse {
  readonly heap: number;
  /** Of the whole process; what was once taken from the system is rarely given back. */
  readonly resident: number;
}

/** Collects garbage first, so that it is not counted. */
export function memoryInUse(): MemoryInUse {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed / BYTES_PER_MEGABYTE, resident: rss / BYTES_PER_MEGABYTE };
}
