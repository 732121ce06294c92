import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { runCommands, TenantCommandsModule, TenantSuspension, UsageError } from '../index.js';
import { TenantManager } from '../../index.js';
import { closeApplication } from '../runtime/close-application.js';
import { withoutSchemaChanges } from './without-schema-changes.js';
import { connectionRetries } from './connection-retries.js';
import type { LoadedApplication } from './load-application.js';

/** Runs the command of this process in an application that is loaded only when the command needs it. */
export async function runCommandsOf(load: () => Promise<LoadedApplication>): Promise<void> {
  const commands = TenantCommandsModule.register({
    open: async (options, onEnd) => {
      const application = await load();
      const open = (): Promise<INestApplicationContext> =>
        'open' in application
          ? application.open(options, onEnd)
          : NestFactory.createApplicationContext(application.module, {
              logger: connectionRetries,
              abortOnError: false,
            });
      const { allowsSingleTenant = false } = options;
      const context = await withoutSchemaChanges(open);
      if (allowsSingleTenant || isMultiTenant(context)) return context;
      await closeApplication(context);
      throw new UsageError(
        'The application does not import TenantModule. Add TenantModule.forRoot() to the imports of its module.',
      );
    },
    suspension: TenantSuspension,
  });

  @Module({ imports: [commands] })
  class CommandsModule {}

  await runCommands(CommandsModule, {
    name: 'tenant-schemas',
    version: packageVersion(),
    usage: '[--app <module>]',
  });
}

function isMultiTenant(context: INestApplicationContext): boolean {
  try {
    return Boolean(context.get(TenantManager, { strict: false }));
  } catch {
    return false;
  }
}

function packageVersion(): string {
  // npm links to the program: the path of the program itself leads to the package.
  const program = realpathSync(process.argv[1] ?? '.');
  const file = join(dirname(program), '../../../../package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
