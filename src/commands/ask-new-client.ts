import type { ClientsService } from '../clients/clients.service.js';
import { NewClient } from '../clients/dto/new-client.dto.js';
import { TenantConflictError, suggestSchemaName } from 'nest-tenant-schemas';
import { parseYesNo, type Questions } from 'nest-tenant-schemas/commands';
import { type FieldNames, validateInput } from './validate-input.js';

const NAMES: FieldNames<NewClient> = {
  tenant_name: 'Tenant name',
  paid_until: 'Paid until',
  schema_name: 'Schema name',
  on_trial: 'On trial',
  access: 'Access',
};

/**
 * Asks for the missing fields of a new tenant. It reports a taken name or schema before the next question. Creating the
 * tenant checks both again.
 *
 * @throws TenantConflictError if the given name or schema is taken
 */
export async function askNewClient(
  given: NewClient,
  clients: ClientsService,
  questions: Questions,
): Promise<NewClient> {
  const input = Object.assign(new NewClient(), given);
  if (given.tenant_name !== undefined) await clients.assertNameFree(given.tenant_name);
  if (given.schema_name !== undefined) await clients.assertSchemaFree(given.schema_name);

  input.tenant_name ??= await questions.ask(NAMES.tenant_name, async (answer) => {
    checkField('tenant_name', answer);
    await clients.assertNameFree(answer);
    return answer;
  });
  if (input.paid_until === undefined) {
    const question = `${NAMES.paid_until} (YYYY-MM-DD, empty: never expires)`;
    input.paid_until = await questions.ask(question, (answer) =>
      answer === '' ? null : checkField('paid_until', answer),
    );
  }
  if (input.schema_name === undefined) {
    const offered = await freeSuggestion(input.tenant_name, clients);
    const question =
      offered === undefined ? NAMES.schema_name : `${NAMES.schema_name} [${offered}]`;
    input.schema_name = await questions.ask(question, async (answer) => {
      const schema = checkField('schema_name', answer === '' ? (offered ?? '') : answer);
      await clients.assertSchemaFree(schema);
      return schema;
    });
  }
  input.on_trial ??= await questions.ask(`${NAMES.on_trial} (y/n) [n]`, (answer) =>
    answer === '' ? false : parseYesNo(NAMES.on_trial, answer),
  );
  return input;
}

/** @throws UsageError with the rule that the answer violates */
function checkField(field: 'tenant_name' | 'paid_until' | 'schema_name', answer: string): string {
  validateInput(Object.assign(new NewClient(), { [field]: answer }), NAMES);
  return answer;
}

/** Returns the schema name that is derived from the tenant's name, unless it is taken. */
async function freeSuggestion(name: string, clients: ClientsService): Promise<string | undefined> {
  const suggestion = suggestSchemaName(name);
  try {
    await clients.assertSchemaFree(suggestion);
    return suggestion;
  } catch (error) {
    if (error instanceof TenantConflictError) return undefined;
    throw error;
  }
}
