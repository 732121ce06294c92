// docs/cli.md against the help: the same commands, and each command's flags in its own section.
import { readFileSync } from 'node:fs';
import { runHosted } from '../support/hosted-commands.js';

const DOCUMENT = readFileSync('docs/cli.md', 'utf8');
const FLAG = /(?<![\w-])--[a-z][a-z-]+/g;

/** Told of once, for all commands. */
const COMMON = new Set(['--help', '--json']);

async function help(...command: string[]): Promise<string> {
  return (await runHosted([...command, '--help'], {})).out;
}

async function commands(): Promise<string[]> {
  const listed = (await help()).matchAll(/^ {2}([a-z]+-[a-z-]+|doctor|init) /gm);
  return [...listed].map(([, name]) => name as string);
}

const flagsIn = (text: string): Set<string> => new Set(text.match(FLAG));

/** The text under the heading that names a command, alone or with others. */
function sectionOf(command: string): string {
  const sections = DOCUMENT.split(/^## /m);
  return sections.find((text) => text.split('\n')[0]?.split(', ').includes(command)) ?? '';
}

it('lists every command once, and none that is not there', async () => {
  const listed = [...DOCUMENT.matchAll(/^\| \[`([a-z-]+)`\]/gm)].map(([, name]) => name as string);
  expect(listed.toSorted()).toEqual((await commands()).toSorted());
});

it("tells of each command's flags in its section", async () => {
  const missing: string[] = [];
  for (const command of await commands()) {
    const told = flagsIn(sectionOf(command));
    for (const flag of flagsIn(await help(command))) {
      if (!COMMON.has(flag) && !told.has(flag)) missing.push(`${command} ${flag}`);
    }
  }
  expect(missing).toEqual([]);
});

it('names no flag that no command takes', async () => {
  const known = new Set(['--version', ...COMMON]);
  for (const command of await commands()) {
    for (const flag of flagsIn(await help(command))) known.add(flag);
  }
  // The option of the package's own program, which the last section and init show.
  known.add('--app');
  const [ofApplication = ''] = DOCUMENT.split('## In an application of your own');
  expect([...flagsIn(ofApplication)].filter((flag) => !known.has(flag))).toEqual([]);
});
