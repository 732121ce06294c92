import type { CommanderCommand } from '../runtime/tenancy-command.js';

/** Describes the part of Commander's class `Help` that the commands replace. */
type Help = ReturnType<CommanderCommand['createHelp']>;

/** Columns that a description needs beside the names. Commander needs 40, and otherwise prints longer lines. */
const MIN_TEXT_WIDTH = 20;

/** Returns the settings of `--help`: it fits a narrow terminal, and lists commands with the first sentence about each. */
export function helpOf(program: string): Partial<Help> {
  return {
    commandUsage: (command) => usageOf(command, program),
    subcommandTerm: (command) => command.name(),
    subcommandDescription: (command) => firstSentence(command.description()),
    wrap(text, width, indent): string {
      const { wrap } = Object.getPrototypeOf(this) as Help;
      return wrap.call(this, text, width, indent, MIN_TEXT_WIDTH);
    },
  };
}

function usageOf(command: CommanderCommand, program: string): string {
  return [program, ...(command.parent ? [command.name()] : []), command.usage()].join(' ');
}

/** Returns the text up to the first full stop before a capital letter. */
const firstSentence = (text: string): string => /^.*?\.(?=\s+[A-Z]|$)/s.exec(text)?.[0] ?? text;
