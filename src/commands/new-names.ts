import { NewClient } from '../clients/dto/new-client.dto.js';
import { validateInput } from './validate-input.js';

/** What a tenant is to be called. */
export interface NewNames {
  readonly name?: string;
  readonly schema?: string;
}

/** @throws UsageError for a name or schema that breaks a rule */
export function validateNames({ name, schema }: NewNames): void {
  validateInput<Pick<NewClient, 'tenant_name' | 'schema_name'>>(
    Object.assign(new NewClient(), { tenant_name: name, schema_name: schema }),
    { tenant_name: '--name', schema_name: '--schema' },
  );
}
