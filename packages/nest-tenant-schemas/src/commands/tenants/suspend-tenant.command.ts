import { Command } from 'nest-commander';
import { SCHEMA_ARGUMENT } from '../options/schema-argument.js';
import { SuspensionCommand } from './suspension-command.js';

@Command({
  name: 'suspend-tenant',
  description:
    'Suspends a tenant. The server rejects its requests until you run resume-tenant. The data of the tenant stays.',
  ...SCHEMA_ARGUMENT,
})
export class SuspendTenantCommand extends SuspensionCommand {
  protected readonly suspends = true;
  protected readonly done = 'Suspended';
  protected readonly unchanged = 'is already suspended';
}
