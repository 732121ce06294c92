import { Injectable } from '@nestjs/common';
import { CommandRunner, Option } from 'nest-commander';
import { CliRuntime } from './cli-runtime.js';

/** Describes the class of Commander that nest-commander uses. */
export type CommanderCommand = Parameters<CommandRunner['setCommand']>[0];

/** Is the base of all commands: it has `--json`, and exits 2 for wrong usage. */
@Injectable()
export abstract class TenancyCommand extends CommandRunner {
  constructor(protected readonly runtime: CliRuntime) {
    super();
  }

  /**
   * Makes Commander throw. It would otherwise end the process with 1, past the handler that sets the exit
   * code.
   */
  override setCommand(command: CommanderCommand): this {
    command.exitOverride().allowExcessArguments(false);
    return super.setCommand(command);
  }

  @Option({ flags: '--json', description: 'print one JSON document and nothing else' })
  parseJson(): boolean {
    return true;
  }
}
