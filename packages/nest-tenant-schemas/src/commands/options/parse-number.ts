import { UsageError } from '../terminal/exit-code.js';

/**
 * @param flag what is given: `--steps`
 * @throws UsageError for anything but a whole number of that range
 */
export function parseNumber(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    const rule = `must be a whole number from ${least} to ${most}`;
    throw new UsageError(`${flag} ${rule} (got ${JSON.stringify(text)})`);
  }
  return value;
}
