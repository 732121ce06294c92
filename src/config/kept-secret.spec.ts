// The generated secret of development: all processes of a data directory share it, only its owner can read it, and an unusable
// file causes an error with the next action.
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOrMakeKeptSecret } from './kept-secret.js';

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'nts-'));
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

it('creates a secret once, together with its directory', async () => {
  const below = join(dataDir, 'not', 'there');
  const secret = await readOrMakeKeptSecret(below, 'key');
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(await readOrMakeKeptSecret(below, 'key')).toBe(secret);
  expect(await readOrMakeKeptSecret(below, 'other')).not.toBe(secret);
});

it('returns the same secret to concurrent callers, and leaves no other file', async () => {
  const secrets = await Promise.all(
    Array.from({ length: 50 }, () => readOrMakeKeptSecret(dataDir, 'key')),
  );
  expect(new Set(secrets).size).toBe(1);
  expect(readdirSync(dataDir)).toEqual(['key']);
});

it('creates a file that only its owner can read, for any umask', async () => {
  const umask = process.umask(0);
  try {
    await readOrMakeKeptSecret(dataDir, 'key');
  } finally {
    process.umask(umask);
  }
  expect(statSync(join(dataDir, 'key')).mode & 0o777).toBe(0o600);
});

it.each(['', 'short\n', `${'a'.repeat(43)} \nand more\n`])(
  'rejects a file with the content %j without quoting it',
  async (content) => {
    writeFileSync(join(dataDir, 'key'), content);
    await expect(readOrMakeKeptSecret(dataDir, 'key')).rejects.toThrow(
      `${join(dataDir, 'key')} does not contain a secret of this server. Remove the file: the next start creates another one.`,
    );
  },
);

it('names the next action for an unusable directory', async () => {
  const file = join(dataDir, 'file');
  writeFileSync(file, '');
  await expect(readOrMakeKeptSecret(file, 'key')).rejects.toThrow(
    `${join(file, 'key')} cannot be created or read (EEXIST). Run as the owner of the directory`,
  );
});

it.each(['/proc/nts', '/proc/nts/below', '/proc/self/nts'])(
  'rejects %s, in which no file can be created',
  async (path) => {
    await expect(readOrMakeKeptSecret(path, 'key')).rejects.toThrow(
      `${path}/key cannot be created or read (ENOENT)`,
    );
  },
);
