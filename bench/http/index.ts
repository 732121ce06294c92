// The application beside the same one for one tenant, and beside other ways to serve many: docs/benchmarks.
import { type BenchDatabase, SERVER_SETTINGS, startBenchDatabase } from '../database.js';
import { chooseLoadGenerator, type LoadGenerator } from '../load/index.js';
import { describeMachine } from '../page/machine.js';
import { measureCase } from './measure-case.js';
import { type HttpOptions, parseHttpOptions } from './options.js';
import { publish } from './report/publish.js';
import { type Result, ResultFile } from './results.js';
import { type Servers, startServers } from './servers.js';
import { type Case, CASES, PROCESSES } from './tables.js';
import { tenantsNeeded } from './tenants-of-variants.js';
import { describeCase, describeVariants } from './report/text.js';

const RESULTS = 'docs/benchmarks/results/http.json';

/** What all cases of a run are measured with. */
interface Bench {
  readonly database: BenchDatabase;
  readonly generator: LoadGenerator;
  readonly options: HttpOptions;
}

export async function http(args: readonly string[]): Promise<void> {
  const options = parseHttpOptions(args);
  const generator = await chooseLoadGenerator(options.generator);
  const file = options.isQuick ? undefined : new ResultFile(RESULTS);
  const database = await startBenchDatabase();
  try {
    for (const cases of groupCases(options)) {
      for await (const result of measureGroup({ database, generator, options }, cases)) {
        print(`\n${describeCase(result)}`, ...describeVariants(result));
        if (!file) continue;
        // Numbers and tables at once: a run that is ended early leaves both in step.
        if (file.put(result)) await publish(file.all);
        else print('  Not kept: the known result has more variants.');
      }
    }
  } finally {
    await database.stop();
  }
}

/** Cases that the same processes serve. Those of more tenants come later, as tenants are never taken away. */
function groupCases({ tables, workloads, tenants, distributions }: HttpOptions): Case[][] {
  const groups = new Map<string, Case[]>();
  for (const each of CASES.toSorted((one, two) => one.tenants - two.tenants)) {
    const isAsked = tables.includes(each.table) && tenants.includes(each.tenants);
    if (!isAsked || !workloads.includes(each.workload)) continue;
    if (!distributions.includes(each.distribution)) continue;
    const key = `${each.table} ${each.tenants}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return Array.from(groups.values());
}

async function* measureGroup(bench: Bench, cases: readonly Case[]): AsyncGenerator<Result> {
  const { database, options } = bench;
  const [first] = cases;
  const variants = options.variants.filter((variant) =>
    cases.some(({ variants: asked }) => asked.includes(variant)),
  );
  const needed = cases.map((each) =>
    tenantsNeeded(
      each,
      variants.filter((variant) => each.variants.includes(variant)),
    ),
  );
  const [tenant] = await database.tenants(Math.max(1, ...needed));
  if (!first || !tenant) return;
  const servers = await startServers(variants, {
    database,
    schema: tenant.schema,
    delayMs: first.delayMs,
    processes: processesOf(first, options),
  });
  try {
    for (const each of cases) yield await measure(bench, each, servers);
  } finally {
    await servers.stop();
  }
}

async function measure(
  { database, generator, options }: Bench,
  { variants: asked, ...about }: Case,
  { served, left, roundTripMs }: Servers,
): Promise<Result> {
  const { rounds, seconds, isQuick } = options;
  const measured = await measureCase(about, {
    database,
    served: new Map(
      Array.from(served).filter(([variant]) => asked.includes(variant) && !(variant in left)),
    ),
    generator,
    rounds,
    seconds,
    warmUps: isQuick ? 1 : 25,
  });
  return {
    ...about,
    machine: describeMachine(`${database.description}, ${SERVER_SETTINGS}`),
    generator: generator.name,
    secondsOfRound: seconds,
    processes: processesOf(about, options),
    rounds: measured.rounds,
    left: { ...left, ...measured.left },
    ...(roundTripMs !== undefined && { roundTripMs }),
  };
}

function processesOf({ table }: Pick<Case, 'table'>, { isQuick }: HttpOptions): number {
  return isQuick ? 1 : PROCESSES[table];
}

function print(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
