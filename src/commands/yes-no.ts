import { UsageError } from './exit-code.js';

const ANSWERS: Readonly<Record<string, boolean>> = {
  y: true,
  yes: true,
  true: true,
  n: false,
  no: false,
  false: false,
};

/** @throws UsageError for anything but y, yes, true, n, no, false, in any case */
export function parseYesNo(answer: string): boolean {
  const value = ANSWERS[answer.trim().toLowerCase()];
  if (value === undefined) {
    throw new UsageError(`Answer y, n, true or false (got ${JSON.stringify(answer)}).`);
  }
  return value;
}
