/**
 * The order in which a round's variants have their turns. In as many rounds as there are variants, twice as many where that number is
 * odd, each comes equally early, and equally often after each of the others, so that none gains by what ran before it.
 * (A balanced Latin square: E. J. Williams, 1949.)
 *
 * @param round from 0
 */
export function orderOfTurns<T>(variants: readonly T[], round: number): T[] {
  const count = variants.length;
  // The first, the second, the last, the third, the last but one …: each step has another length.
  const order = variants.map((_, turn) => {
    const place = turn % 2 === 0 ? count - turn / 2 : (turn + 1) / 2;
    return variants[(place + round) % count] as T;
  });
  return count % 2 === 1 && round % 2 === 1 ? order.toReversed() : order;
}
