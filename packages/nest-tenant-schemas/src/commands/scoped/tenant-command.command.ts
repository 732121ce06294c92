import { Command } from 'nest-commander';
import { CliRuntime } from '../runtime/cli-runtime.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';
import { TenantCommands } from './tenant-commands.js';
import type { TenantOptions } from './tenant-scoped-command.js';

@Command({
  name: 'tenant-command',
  description: 'Runs a command in one tenant. Example: tenant-command acme -- polls-report --json',
  arguments: '<schema> <command...>',
  argsDescription: {
    schema: "the tenant's schema",
    command: 'a command that works in one tenant, with its arguments and options',
  },
})
export class TenantCommandCommand extends TenancyCommand {
  constructor(
    runtime: CliRuntime,
    private readonly commands: TenantCommands,
  ) {
    super(runtime);
  }

  async run([schema = '', name, ...words]: string[], { json }: TenantOptions): Promise<void> {
    const command = this.commands.named(name);
    const { args, options } = command.parse(words);
    await command.run([schema, ...args], json ? { ...options, json } : options);
  }
}
