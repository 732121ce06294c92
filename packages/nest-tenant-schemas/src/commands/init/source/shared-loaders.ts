import { filesWith, type SourceLine } from './source-files.js';

/**
 * Returns the lines that make a DataLoader which several requests may share. A loader that a function returns is one for each
 * call, and a provider with `Scope.REQUEST` is one for each request.
 */
export function findSharedLoaders(lines: readonly SourceLine[]): SourceLine[] {
  const loading = filesWith(lines, /['"]dataloader['"]/);
  const ofRequest = filesWith(lines, /\bScope\.REQUEST\b/);
  return lines.filter(
    ({ file, text }) =>
      loading.has(file) &&
      !ofRequest.has(file) &&
      /\b(?:new|extends) DataLoader\b/.test(text) &&
      !/(?:\breturn\b|=>).*\bnew DataLoader\b/.test(text),
  );
}
