// npm run bench -- <name>: runs a benchmark on a throw-away server of its own and prints its table.
import 'reflect-metadata';
import { fleet } from './fleet.js';
import { http } from './http/index.js';
import { memory } from './memory-of-tenants.js';
import { neighbours } from './neighbours.js';
import { profile } from './profile/index.js';

const BENCHMARKS: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  fleet,
  http,
  memory,
  neighbours,
  profile,
};

async function main([name = '', ...args]: string[]): Promise<void> {
  const benchmark = BENCHMARKS[name];
  if (benchmark) return benchmark(args);
  process.stderr.write(`Usage: npm run bench -- ${Object.keys(BENCHMARKS).join('|')} [--quick]\n`);
  process.exitCode = 2;
}

await main(process.argv.slice(2));
