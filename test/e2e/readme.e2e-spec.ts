// Runs the commands of the README in a shell, against a server that `npm start` starts, and compares the output. UUIDs, times and
// the address differ in each run. The spec numbers them by first appearance.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Step {
  readonly command: string;
  readonly output: string;
}

const README = readFileSync('README.md', 'utf8');
const ADDRESS = 'http://127.0.0.1:3000';
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** The blocks of a language, without their fences. */
function blocks(language: string): string[] {
  const fenced = new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...README.matchAll(fenced)].map(([, block]) => block as string);
}

function stepsOf(block: string): Step[] {
  return block
    .split(/^\$ /m)
    .filter((part) => part !== '')
    .map((part) => {
      const [command, ...output] = part.split('\n');
      return { command: command as string, output: output.join('\n').trimEnd() };
    });
}

let dataDir: string;
let server: ReturnType<typeof spawn>;
let url: string;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'nts-'));
  server = spawn('npm', ['start'], {
    env: environment({ PORT: '0' }),
    stdio: ['ignore', 'pipe', 'inherit'],
    // A group of its own, as npm does not hand a signal on to what it runs.
    detached: true,
  });
  let printed = '';
  url = await new Promise((resolve, reject) => {
    server.once('exit', () => reject(new Error(`The server did not start:\n${printed}`)));
    server.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const printedUrl = /^ {2}API\s+(\S+)$/m.exec(printed)?.[1];
      if (printedUrl !== undefined) resolve(printedUrl);
    });
  });
}, 120_000);

afterAll(async () => {
  if (server.pid !== undefined && server.exitCode === null) {
    const ended = once(server, 'exit');
    process.kill(-server.pid, 'SIGINT');
    await ended;
  }
  rmSync(dataDir, { recursive: true, force: true });
});

function environment(more: Record<string, string>): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, NO_COLOR: '1', DATA_DIR: dataDir, ...more };
}

it('names the two commands of a fresh machine', () => {
  expect(blocks('sh')).toEqual(['npm ci && npm start\nnpm ci && npm test\n']);
});

it('shows what its commands really print', () => {
  const steps = blocks('console').flatMap(stepsOf);
  expect(steps.length).toBeGreaterThan(5);
  // UUIDs of the README by those of this run, as they appear.
  const uuids = new Map<string, string>();
  for (const { command, output } of steps) {
    const run = command
      .replaceAll(ADDRESS, url)
      .replaceAll(UUID, (uuid) => uuids.get(uuid) ?? uuid);
    const printed = execFileSync('bash', ['-c', run], {
      encoding: 'utf8',
      env: environment({ PORT: new URL(url).port }),
    });
    const shown = output.match(UUID) ?? [];
    const real = printed.match(UUID) ?? [];
    shown.forEach((uuid, index) => uuids.set(uuid, uuids.get(uuid) ?? (real[index] as string)));
    const expected = output.replaceAll(UUID, (uuid) => uuids.get(uuid) as string);
    expect(printed.trimEnd().replaceAll(TIME, '<time>')).toBe(
      expected.replaceAll(ADDRESS, url).replaceAll(TIME, '<time>'),
    );
  }
}, 120_000);

/** Whether a link of the README leads to a file, and to a heading in it where it names one. */
function isThere(link: string): boolean {
  const [path = '', heading] = link.split('#');
  const file = path || 'README.md';
  if (heading === undefined || !existsSync(file)) return existsSync(file);
  const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)];
  return headings.some(([, text = '']) => text.toLowerCase().replaceAll(' ', '-') === heading);
}

it('links to what exists', () => {
  const links = [...README.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, path]) => path as string);
  expect(links.length).toBeGreaterThan(5);
  expect(links.filter((link) => !isThere(link))).toEqual([]);
});

it('shows the code of an example', () => {
  const [code = ''] = blocks('ts');
  const example = readFileSync('examples/nest-12-esm/src/app.module.ts', 'utf8').split('\n');
  const lines = code.split('\n').filter((line) => line !== '');
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.filter((line) => !example.includes(line) && !line.startsWith('}'))).toEqual([]);
});
