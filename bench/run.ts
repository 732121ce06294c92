// npm run bench: runs a benchmark on a throw-away server of its own and prints its table.
import 'reflect-metadata';
import { fleet } from './fleet/index.js';
import { http } from './http/index.js';
import { memory } from './memory-of-tenants.js';
import { neighbours } from './neighbours.js';
import { runForArguments, UsageError } from './options.js';
import { profile } from './profile/index.js';

const BENCHMARKS: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  fleet,
  http,
  memory,
  neighbours,
  profile,
};

const USAGE = `bench -- [${Object.keys(BENCHMARKS).join('|')}] [--quick]
Without a name http, which also takes: [--tables <names>] [--workloads <names>] [--variants <names>] [--tenants <numbers>]
  [--distributions <names>] [--rounds <number>] [--seconds <number>] [--load wrk|autocannon]
profile also takes: [--seconds <number>]
Names and numbers are separated by commas. Results and method: docs/benchmarks/README.md`;

async function main(args: readonly string[]): Promise<void> {
  const [name, ...rest] = args;
  if (name === undefined || name.startsWith('-')) return http(args);
  const benchmark = BENCHMARKS[name];
  if (!benchmark) throw new UsageError(`There is no benchmark ${name}.`);
  return benchmark(rest);
}

await runForArguments(USAGE, main);
