import { filesWith, type SourceLine } from './source-files.js';

/** Returns the decorators of `@nestjs/schedule` whose methods run in no tenant. */
export function findUnboundSchedules(lines: readonly SourceLine[]): SourceLine[] {
  const scheduling = filesWith(lines, /['"]@nestjs\/schedule['"]/);
  const bound = filesWith(lines, /\b(?:TenantRunner|tenantContext)\b/);
  return lines.filter(
    ({ file, text }, index) =>
      /^@(?:Cron|Interval|Timeout)\(/.test(text) &&
      scheduling.has(file) &&
      !bound.has(file) &&
      !paragraphAt(lines, index).some((line) => line.text.startsWith('@ForEachTenant(')),
  );
}

/** Returns the lines around a line up to the next blank lines: all decorators of a method, and its signature. */
function paragraphAt(lines: readonly SourceLine[], index: number): SourceLine[] {
  const isEnd = ({ file, text }: SourceLine): boolean => text === '' || file !== lines[index]?.file;
  const start = lines.slice(0, index).findLastIndex(isEnd) + 1;
  const end = lines.findIndex((line, at) => at > index && isEnd(line));
  return lines.slice(start, end === -1 ? undefined : end);
}
