import { Injectable } from '@nestjs/common';
import { CommandRunner, Option } from 'nest-commander';
import { CliRuntime } from './cli-runtime.js';

/** Commander's own class, of the version that nest-commander uses. */
export type CommanderCommand = Parameters<CommandRunner['setCommand']>[0];

/** What every command has: `--json`, and wrong usage that exits 2. */
@Injectable()
export abstract class TenancyCommand extends CommandRunner {
  constructor(protected readonly runtime: CliRuntime) {
    super();
  }

  /** Commander ends the process with 1 by itself; a throw reaches the handler that sets the exit code. */
  override setCommand(command: CommanderCommand): this {
    command.exitOverride().allowExcessArguments(false);
    return super.setCommand(command);
  }

  @Option({ flags: '--json', description: 'print one JSON document and nothing else' })
  parseJson(): boolean {
    return true;
  }
}
