import { Client } from 'pg';
import { HOST } from './port.js';
import { APPLICATION_ROLE, type Secrets, SUPERUSER_ROLE } from './secrets.js';

/** The function with which an expression can change the role. */
const SET_CONFIG = 'pg_catalog.set_config(text, text, boolean)';

/** The function of the view `pg_prepared_statements`, which reveals the names of prepared statements. */
const PREPARED_STATEMENTS = 'pg_catalog.pg_prepared_statement()';

/**
 * Prepares the application's login and database for tenant roles, also in an older cluster. The caller must hold the lock.
 *
 * - The login does not inherit rights of its roles.
 * - Only the application's login may change the role from within an expression.
 * - Only superusers can read the names of prepared statements.
 */
export async function prepareRoles(port: number, secrets: Secrets): Promise<void> {
  const client = new Client({
    host: HOST,
    port,
    database: APPLICATION_ROLE,
    user: SUPERUSER_ROLE,
    password: secrets[SUPERUSER_ROLE],
    ssl: false,
  });
  // If the server ends meanwhile, the waiting statement reports the error.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query(
      `SELECT FROM pg_catalog.pg_roles WHERE rolname = $1 AND rolcreaterole AND NOT rolinherit
         AND NOT has_function_privilege('public', '${SET_CONFIG}', 'EXECUTE')
         AND has_function_privilege(oid, '${SET_CONFIG}', 'EXECUTE')
         AND NOT has_function_privilege(oid, '${PREPARED_STATEMENTS}', 'EXECUTE')`,
      [APPLICATION_ROLE],
    );
    if (rows.length > 0) return;
    await client.query(
      `ALTER ROLE ${APPLICATION_ROLE} NOINHERIT CREATEROLE;
       REVOKE EXECUTE ON FUNCTION ${SET_CONFIG} FROM PUBLIC;
       GRANT EXECUTE ON FUNCTION ${SET_CONFIG} TO ${APPLICATION_ROLE};
       REVOKE EXECUTE ON FUNCTION ${PREPARED_STATEMENTS} FROM PUBLIC, ${APPLICATION_ROLE}`,
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}
