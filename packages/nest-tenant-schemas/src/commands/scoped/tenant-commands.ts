import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { UsageError } from '../terminal/exit-code.js';
import { TenantCommandMark } from './tenant-command.decorator.js';
import type { TenantScopedCommand } from './tenant-scoped-command.js';

/** The commands that work in one tenant. */
@Injectable()
export class TenantCommands {
  constructor(private readonly discovery: DiscoveryService) {}

  /** @throws UsageError for any other command, naming those that there are */
  named(name: string | undefined): TenantScopedCommand {
    const commands = this.discovery
      .getProviders({ metadataKey: TenantCommandMark.KEY })
      .map(({ instance }) => instance as TenantScopedCommand);
    const found = commands.find((command) => command.name === name);
    if (found) return found;
    const names = commands.map((command) => command.name).toSorted();
    throw new UsageError(`"${name}" does not run in a tenant. What does: ${names.join(', ')}.`);
  }
}
