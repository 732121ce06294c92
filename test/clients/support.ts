// What the specs of the operator's side share: the application with a key, and an operator who sends it.
import { type Answer, startApplication, type TestApplication } from '../support/application.js';
import { createTestDatabase, type TestDatabase } from 'test-support/test-database.js';

export const OPERATOR_KEY = 'the-key-of-the-operator-in-tests';

/** The header with the operator key. */
export const AUTHORIZATION = { authorization: `Bearer ${OPERATOR_KEY}` };

/** A tenant, as operators see it. */
export interface TenantBody {
  readonly tenant_uuid: string;
  readonly tenant_name: string;
  readonly schema_name: string;
  readonly paid_until: string | null;
  readonly on_trial: boolean;
  readonly access: string;
  readonly suspended: boolean;
  readonly created_on: string;
}

/** An entry of the audit log, as its table has it. */
export interface AuditRow {
  readonly actor: string;
  readonly via: string;
  readonly action: string;
  readonly tenant_id: string;
  readonly tenant_schema: string;
  readonly before: Partial<TenantBody> | null;
  readonly after: Partial<TenantBody> | null;
}

export interface OperatorSetUp {
  readonly database: TestDatabase;
  readonly application: TestApplication;
  /** Sends a request with the operator key. */
  operate<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<Body>>;
  /** Creates a tenant by the API. */
  create(input: Record<string, unknown>): Promise<TenantBody>;
  stop(): Promise<void>;
}

export async function setUpOperator(): Promise<OperatorSetUp> {
  const database = await createTestDatabase();
  const application = await startApplication(database.url, { OPERATOR_KEY });
  const operate = <Body>(method: string, path: string, body?: unknown): Promise<Answer<Body>> =>
    application.send<Body>(method, path, { body, headers: AUTHORIZATION });
  return {
    database,
    application,
    operate,
    async create(input) {
      const { status, body } = await operate<TenantBody>('POST', '/clients', input);
      if (status !== 201) throw new Error(`No tenant was made: ${JSON.stringify(body)}`);
      return body;
    },
    async stop() {
      await application.close();
      await database.drop();
    },
  };
}

/** Entries of the audit log, oldest first. */
export function readAudit(database: TestDatabase): Promise<AuditRow[]> {
  return database.sql<AuditRow>(
    `SELECT actor, via, action, tenant_id, tenant_schema, before, after
     FROM public.audit_log ORDER BY id`,
  );
}
