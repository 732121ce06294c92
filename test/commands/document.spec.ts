// Compares docs/cli.md with the help: it has the same commands, and the options of each command in its section.
import { readFileSync } from 'node:fs';
import { runHosted } from '../support/hosted-commands.js';

const DOCUMENT = readFileSync('docs/cli.md', 'utf8');
const FLAG = /(?<![\w-])--[a-z][a-z-]+/g;

/** The section of common behaviour explains these options. */
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

it('lists every command once in the quick reference, and no other', async () => {
  const listed = [...DOCUMENT.matchAll(/^\|[^|]+\| \[`([a-z-]+)`\]\(/gm)].map(
    ([, name]) => name as string,
  );
  expect(listed.toSorted()).toEqual((await commands()).toSorted());
});

it('explains the options of each command in its section', async () => {
  const missing: string[] = [];
  for (const command of await commands()) {
    const explained = flagsIn(sectionOf(command));
    for (const flag of flagsIn(await help(command))) {
      if (!COMMON.has(flag) && !explained.has(flag)) missing.push(`${command} ${flag}`);
    }
  }
  expect(missing).toEqual([]);
});

it('names only options that a command has', async () => {
  const known = new Set(['--version', ...COMMON]);
  for (const command of await commands()) {
    for (const flag of flagsIn(await help(command))) known.add(flag);
  }
  // The option of the package's own program, which the last section and init show.
  known.add('--app');
  const [ofApplication = ''] = DOCUMENT.split('## In an application of your own');
  expect([...flagsIn(ofApplication)].filter((flag) => !known.has(flag))).toEqual([]);
});
