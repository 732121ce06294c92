import { Command } from 'nest-commander';
import { SCHEMA_ARGUMENT } from '../options/schema-argument.js';
import { SuspensionCommand } from './suspension-command.js';

@Command({
  name: 'resume-tenant',
  description: 'Resumes a suspended tenant. The server accepts its requests again.',
  ...SCHEMA_ARGUMENT,
})
export class ResumeTenantCommand extends SuspensionCommand {
  protected readonly suspends = false;
  protected readonly done = 'Resumed';
  protected readonly unchanged = 'is not suspended';
}
