/**
 * What changes from one text to another, line by line: `-` and `+` before what goes and comes, a space before
 * what stays. Takes the longest common part, as diff(1) does.
 */
export function lineDiff(before: readonly string[], after: readonly string[]): string[] {
  // common[i][j]: how many lines the rests from i and from j have in common, in order.
  const common = Array.from({ length: before.length + 1 }, () =>
    Array.from({ length: after.length + 1 }, () => 0),
  );
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const rest =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
      common[i]?.splice(j, 1, rest);
    }
  }
  const diff: string[] = [];
  for (let i = 0, j = 0; i < before.length || j < after.length;) {
    if (i < before.length && before[i] === after[j]) {
      diff.push(` ${before[i++]}`);
      j++;
    } else if (i < before.length && (j === after.length || at(i + 1, j) >= at(i, j + 1))) {
      diff.push(`-${before[i++]}`);
    } else {
      diff.push(`+${after[j++]}`);
    }
  }
  return diff;
}
