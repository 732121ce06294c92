import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Load, LoadResult } from './plan.js';

const run = promisify(execFile);

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url));

const ORDER_WIDTH = 6;
const UUID_WIDTH = 36;

/** An answer that takes longer counts as an error. */
const TIMEOUT = '10s';

/** Runs wrk with one thread for each connection. Otherwise the script cannot assign an answer to its request. */
export async function loadByWrk(load: Load): Promise<LoadResult> {
  const { url, connections, seconds } = load;
  const folder = mkdtempSync(join(tmpdir(), 'nts-'));
  try {
    const file = join(folder, 'plan.lua');
    writeFileSync(file, `return ${planAsLua(load)}\n`);
    const threads = ['-t', String(connections), '-c', String(connections)];
    const script = ['-s', SCRIPT, url, '--', file];
    const { stdout } = await run('wrk', [
      ...threads,
      '-d',
      `${seconds}s`,
      '--timeout',
      TIMEOUT,
      ...script,
    ]);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as LoadResult;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether there is a wrk to load with. */
export async function hasWrk(): Promise<boolean> {
  // It has no command that succeeds but a run: with its version it prints the usage and fails.
  const { stdout } = (await run('wrk', ['-v']).catch((error: unknown) => error)) as {
    stdout?: string;
  };
  return stdout?.startsWith('wrk ') ?? false;
}

/** Every thread reads it while those before it send already: what there is much of goes into strings, of fields of one width. */
function planAsLua({
  plan: { header, steps, tenants, order },
  connections,
  from = 0,
}: Load): string {
  const marks = tenants.map(({ mark }) => mark);
  const markWidth = Math.max(...marks.map(({ length }) => length));
  return lua({
    header,
    stride: Math.floor(order.length / connections),
    from,
    steps: steps.map(({ method, path, body, status, keepsId }) => ({
      method,
      path,
      ...(body !== undefined && { body }),
      status,
      keeps_id: keepsId ?? false,
      needs_id: path.includes('{id}'),
    })),
    lives: order.length,
    order: order.map((index) => String(index).padStart(ORDER_WIDTH)).join(''),
    order_width: ORDER_WIDTH,
    uuids: tenants.map(({ uuid }) => uuid).join(''),
    uuid_width: UUID_WIDTH,
    marks: marks.map((mark) => mark.padEnd(markWidth)).join(''),
    mark_width: markWidth,
  });
}

type LuaValue =
  string | number | boolean | readonly LuaValue[] | { readonly [key: string]: LuaValue };

function lua(value: LuaValue): string {
  if (typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `{${value.map(lua).join(',')}}`;
  const fields = Object.entries(value).map(
    ([key, each]) => `[${JSON.stringify(key)}]=${lua(each)}`,
  );
  return `{${fields.join(',')}}`;
}
