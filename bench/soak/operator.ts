import { SERVER_KEY } from '../../test/support/processes.js';
import type { Answer } from '../../test/support/application.js';
import { type Answers, isSuccess } from './answers.js';
import { SoakTenant } from './tenant.js';

interface Client {
  readonly tenant_uuid: string;
  readonly schema_name: string;
}

/** Creates, suspends, resumes and drops tenants while other requests use them. */
export class Operator {
  private created = 0;

  constructor(private readonly answers: Answers) {}

  async create(tenants: SoakTenant[]): Promise<void> {
    const name = `Soak ${++this.created}`;
    const answer = await this.operate<Client>('POST', '/clients', { tenant_name: name });
    if (!isSuccess(answer)) return;
    tenants.push(new SoakTenant(answer.body.tenant_uuid, answer.body.schema_name));
  }

  async suspend(tenant: SoakTenant, suspended: boolean): Promise<void> {
    tenant.mayBeSuspended = true;
    await this.operate('PATCH', `/clients/${tenant.id}`, { suspended });
  }

  async drop(tenant: SoakTenant): Promise<void> {
    tenant.mayBeDropped = true;
    await this.operate('DELETE', `/clients/${tenant.id}?confirm=${tenant.schema}`);
  }

  private operate<Body>(method: string, path: string, body?: unknown): Promise<Answer<Body>> {
    const headers = { authorization: `Bearer ${SERVER_KEY}` };
    // A request without an answer may have deleted the tenant.
    return this.answers.send<Body>(method, path, { body, headers }, ['404 TENANT_NOT_FOUND']);
  }
}
