import { findDataSources, findOtherRoots } from './other-data-sources.js';
import { at, type SourceChange } from './source-change.js';
import type { SourceLine } from './source-files.js';
import { findTypeormScripts } from './typeorm-scripts.js';

/**
 * Lists what reaches the schema `public` beside the application: other modules, DataSources of scripts, and scripts that run
 * TypeORM's command line.
 *
 * @param packageJson undefined if the folder has none
 */
export function findWaysAroundTenants(
  lines: readonly SourceLine[],
  packageJson: string | undefined,
): SourceChange[] {
  return [
    ...findOtherRoots(lines).map((line) =>
      at(
        line,
        'If a script starts this module, for example to seed, let it start the module with TenantModule instead. ' +
          'Otherwise the script works on public, and not on the tenants',
      ),
    ),
    ...findDataSources(lines).map((line) =>
      at(
        line,
        "Use createTenantDataSource({ … }) if this is the DataSource of TypeORM's command line. " +
          'Its commands then fail, instead of changing public',
      ),
    ),
    ...(packageJson === undefined ? [] : findTypeormScripts('package.json', packageJson)),
  ];
}
