import pg from 'pg';
import { TenancyOptionsError } from '../../../errors/tenancy-options.error.js';

/** Maps options of node-postgres that the engine does not support to the reason. */
const REFUSED: Readonly<Record<string, string>> = {
  pipeline:
    'must not be set: the server would answer the role and the search path of a statement between the answers of others.',
  binary: 'must not be set: the engine and TypeORM read values as text.',
  Client: 'must not be set: the engine has a client of its own.',
  Promise: 'must not be set: the engine uses the promises of the platform.',
  connection: 'must not be set: every client needs a connection of its own.',
};

/**
 * Asserts that no unsupported option of node-postgres is set: in `extra` of TypeORM, for the pool, or as a
 * default.
 *
 * @throws TenancyOptionsError names the unsupported option
 */
export function assertPoolOptions(options: object = {}): void {
  for (const [name, reason] of Object.entries(REFUSED)) {
    const { [name]: given } = options as Record<string, unknown>;
    if (given) throw new TenancyOptionsError(`tenantDataSourceOptions: extra.${name}`, reason);
  }
  if (pg.defaults.binary) throw new TenancyOptionsError('pg.defaults.binary', REFUSED.binary ?? '');
}
