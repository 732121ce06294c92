// A place in memory for what specs write: databases, clusters, copies of programs. On a disk, ext4 passes over every inode
// that was freed in the last seconds, and each dropped database frees hundreds: that took half of the servers' CPU time.
import { readFileSync, statfsSync } from 'node:fs';

const DIRECTORY = '/dev/shm';
/** Bytes that a run may need at once; a container has 64 MB by default. */
const NEEDED = 4 * 1024 ** 3;

/** Returns the directory if it has room, and programs may run in it. */
export function memoryDirectory() {
  if (process.platform !== 'linux') return undefined;
  const mounted = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, path]) => path === DIRECTORY);
  if (!mounted || mounted[3].split(',').includes('noexec')) return undefined;
  const { bavail, bsize } = statfsSync(DIRECTORY);
  return bavail * bsize >= NEEDED ? DIRECTORY : undefined;
}
