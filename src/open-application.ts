import { userInfo } from 'node:os';
import { NestFactory } from '@nestjs/core';
import { type OpenApplication, printProblem } from 'nest-tenant-schemas/commands';
import { AppModule } from './app.module.js';
import type { Actor } from './audit/actor.interface.js';
import { readEnvironment } from './config/environment.js';
import { withoutLimits } from './database/data-source-options.js';
import { openDatabase } from './database/open-database.js';

/** Opens the application for a command. It connects to `DATABASE_DIRECT_URL` if that is set, not to the pooler. */
export const openApplication: OpenApplication = async ({ connections = 0 }, onEnd) => {
  const environment = readEnvironment();
  const databasePoolSize = Math.max(environment.databasePoolSize, connections);
  const databaseUrl = environment.databaseDirectUrl ?? environment.databaseUrl;
  const opening = openDatabase({ ...environment, databaseUrl }, printProblem);
  // Only an embedded server needs a release. After a signal the command waits for it, even while it starts.
  if (databaseUrl === undefined) {
    onEnd(() =>
      opening.then(
        (database) => database.release(),
        () => undefined,
      ),
    );
  }
  const { url } = await opening;
  return NestFactory.createApplicationContext(
    AppModule.forRoot(withoutLimits({ ...environment, databasePoolSize }), url, actor()),
    // The command prints its own error message. The logger would add a stack.
    { logger: false, abortOnError: false },
  );
};

/** Returns the account and the command, for the audit log. Arguments are left out because they may be secrets. */
function actor(): Actor {
  const command = process.argv.slice(2).find((word) => !word.startsWith('-'));
  return { name: `os user ${userName()}`, via: command ?? 'command' };
}

/** Returns the name of the account, or its number. A container may have no name for it. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}
