import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { UsageError } from '../terminal/exit-code.js';
import { TenantCommandMark } from './tenant-command.decorator.js';
import type { TenantScopedCommand } from './tenant-scoped-command.js';

/** Finds the commands that work in one tenant. */
@Injectable()
export class TenantCommands {
  constructor(private readonly discovery: DiscoveryService) {}

  /**
   * Returns the command with this name.
   *
   * @throws UsageError for an unknown command, with the names of the known ones
   */
  named(name: string | undefined): TenantScopedCommand {
    const commands = this.discovery
      .getProviders({ metadataKey: TenantCommandMark.KEY })
      .map(({ instance }) => instance as TenantScopedCommand);
    const found = commands.find((command) => command.name === name);
    if (found) return found;
    const names = commands.map((command) => command.name).toSorted();
    const known =
      names.length > 0
        ? `Commands that can: ${names.join(', ')}.`
        : 'The application has no commands for tenants.';
    throw new UsageError(`"${name}" cannot run in a tenant. ${known}`);
  }
}
