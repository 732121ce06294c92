import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Load, LoadPlan, LoadResult } from './plan.js';

const run = promisify(execFile);

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url));

/** An answer that takes longer counts as an error. */
const TIMEOUT = '10s';

/** One thread for each connection: only so does an answer tell which request it belongs to. */
export async function loadByWrk({ url, plan, connections, seconds }: Load): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'nts-'));
  try {
    const file = join(folder, 'plan.lua');
    writeFileSync(file, `return ${planAsLua(plan, connections)}\n`);
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

function planAsLua({ header, steps, tenants, order }: LoadPlan, connections: number): string {
  return lua({
    stride: Math.floor(order.length / connections),
    steps: steps.map(({ method, path, body, status, keepsId }) => ({
      method,
      path,
      ...(body !== undefined && { body }),
      status,
      keeps_id: keepsId ?? false,
      needs_id: path.includes('{id}'),
    })),
    tenants: tenants.map(({ uuid, mark }) => ({
      mark,
      headers: {
        plain: { [header]: uuid },
        json: { [header]: uuid, 'Content-Type': 'application/json' },
      },
    })),
    // Lua counts from 1.
    order: order.map((index) => index + 1),
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
