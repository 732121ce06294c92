import { applyDecorators } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Command, type CommandMetadata } from 'nest-commander';

/** Marks the classes that {@link TenantCommand} decorates, so that they can be found. */
export const TenantCommandMark = DiscoveryService.createDecorator();

/**
 * Makes a `TenantScopedCommand` a command that runs in one tenant. Its first argument is the tenant's schema.
 * `tenant-command` and `all-tenants-command` can run it too.
 *
 * @param metadata as for `@Command`, with the arguments after the schema
 */
export function TenantCommand(metadata: CommandMetadata): ClassDecorator {
  const { arguments: more, argsDescription } = metadata;
  const command = Command({
    ...metadata,
    arguments: more === undefined ? '<schema>' : `<schema> ${more}`,
    argsDescription: { ...argsDescription, schema: "the tenant's schema" },
  }) as ClassDecorator;
  return applyDecorators(command, TenantCommandMark());
}
