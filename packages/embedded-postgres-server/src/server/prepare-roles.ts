import { Client } from 'pg';
import { HOST } from './port.js';
import { APPLICATION_ROLE, type Secrets, SUPERUSER_ROLE } from './secrets.js';

/** The function by which an expression changes a role. */
const SET_CONFIG = 'pg_catalog.set_config(text, text, boolean)';

/** The function behind `pg_prepared_statements`, which gives away the names of prepared statements. */
const PREPARED_STATEMENTS = 'pg_catalog.pg_prepared_statement()';

/**
 * Makes the application's login and database fit for tenants' roles, in a cluster of any age: the login has
 * the rights of no role that it is in, nobody else may change a role from within an expression, and only a superuser
 * reads the names of prepared statements. Only under the lock.
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
  // A server that dies meanwhile is told by the statement that waits for it.
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
