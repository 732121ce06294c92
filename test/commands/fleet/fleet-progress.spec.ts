// How far a run is, on a real terminal: below the results, cut to its width, gone at the end, and never on
// stdout, which is the result's. Without a terminal there are lines and nothing else.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { startOnTerminal } from '../../support/terminal.js';
import { type Fleet, type Hold, linesOf, openFleet, TENANT } from './fleet-support.js';

const MIGRATE_ONE_BY_ONE = ['migrate-schemas', '--tenant', '--concurrency', '1'];

let fleet: Fleet;
let hold: Hold;

beforeAll(async () => {
  fleet = await openFleet();
  await fleet.create('one', 'two');
});

beforeEach(async () => {
  await fleet.forget('one', 'two');
  hold = await fleet.hold('one');
});

afterEach(() => hold.letGo());

afterAll(() => fleet?.close());

it('leaves the results on the screen, and nothing of itself', async () => {
  const terminal = startOnTerminal(MIGRATE_ONE_BY_ONE, fleet.env);
  await terminal.shows('0/2 [--------------------] 1 running: one');
  await hold.letGo();
  const { code } = await terminal.ended;
  const { raw } = terminal;
  expect(code).toBe(0);
  expect(linesOf(shown(raw))).toEqual(
    ['one', 'two'].map((schema) => `${schema}: applied ${TENANT.join(', ')} (N ms)`),
  );
});

it('is cut on a narrow terminal', async () => {
  const terminal = startOnTerminal(MIGRATE_ONE_BY_ONE, fleet.env, { columns: 30 });
  await terminal.shows('0/2 [--------------------] 1 r');
  await hold.letGo();
  const { screen } = await terminal.ended;
  expect(screen).not.toContain('1 running');
});

it.each<[string[], (out: string) => unknown[]]>([
  [[], linesOf],
  [['--json'], (out) => JSON.parse(out) as unknown[]],
])('is not among results that go elsewhere (%p)', async (json, read) => {
  const directory = mkdtempSync(join(tmpdir(), 'nts-'));
  try {
    const stdout = join(directory, 'results');
    const terminal = startOnTerminal([...MIGRATE_ONE_BY_ONE, ...json], fleet.env, { stdout });
    await terminal.shows('1 running: one');
    await hold.letGo();
    expect((await terminal.ended).code).toBe(0);
    const results = readFileSync(stdout, 'utf8');
    expect(results).not.toContain('\u001B');
    expect(read(results)).toHaveLength(2);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

it('is not there without a terminal', async () => {
  const running = fleet.cli(...MIGRATE_ONE_BY_ONE);
  await hold.reached();
  await hold.letGo();
  const { out, err } = await running;
  expect({ lines: linesOf(out).length, err }).toEqual({ lines: 2, err: '' });
});

/** What a terminal shows in the end: of each line what is behind the last that was erased. */
function shown(raw: string): string {
  const erased = '\u001B[1G';
  const lines = raw.replaceAll('\r\n', '\n').split('\n');
  return lines.map((line) => stripVTControlCharacters(line.split(erased).at(-1) ?? '')).join('\n');
}
