/**
 * Connections of one worker's pool: its part of `total`, which is that of all workers together, but at least 1.
 *
 * @param place of the worker, from 0
 */
export function poolShare(total: number, workers: number, place: number): number {
  const rest = total % workers;
  return Math.max(1, Math.floor(total / workers) + (place < rest ? 1 : 0));
}
