// npm run soak: mixed load on 50 tenants while things fail, and the counts that have to be zero.
import { runForArguments } from '../options.js';
import { randomNumbers } from '../random-numbers.js';
import { Answers } from './answers.js';
import { Faults } from './faults.js';
import { Operator } from './operator.js';
import { parseSoakOptions, type SoakOptions } from './options.js';
import { isClean, reportLines, type SoakReport } from './report.js';
import { SoakServers } from './servers.js';
import type { SoakTenant } from './tenant.js';
import { Traffic } from './traffic.js';
import { judgeStored } from './verdict.js';

const TENANTS = 50;

async function soak(servers: SoakServers, options: SoakOptions): Promise<SoakReport> {
  const { seed, seconds, hasPooler } = options;
  const answers = new Answers(servers.url);
  const operator = new Operator(answers);
  const tenants: SoakTenant[] = [];
  while (tenants.length < TENANTS) await operator.create(tenants);

  const before = servers.memory;
  const traffic = new Traffic(answers, tenants, randomNumbers(seed));
  const faults = new Faults(servers, operator, tenants, randomNumbers(seed + 1));
  await faults.run(seconds);
  await traffic.stop();
  const after = servers.memory;

  const leakedConnections = await servers.busyConnections();
  const exitCode = await servers.stopApplication();
  const stored = await judgeStored(servers, tenants);
  return {
    seed,
    seconds,
    pooler: hasPooler,
    requests: Array.from(answers.counts.values()).reduce((sum, count) => sum + count, 0),
    answers: Object.fromEntries(Array.from(answers.counts).toSorted()),
    faults: Object.fromEntries(faults.counts),
    lostWrites: stored.lostWrites,
    foreignRows: stored.foreignRows + traffic.foreignRows,
    leakedConnections,
    exitCode,
    unexpected: Object.fromEntries(answers.unexpected),
    memory: { before, after },
  };
}

const USAGE = 'soak -- [--seconds <number>] [--seed <number>] [--json] [--pooler]';

await runForArguments(USAGE, async (args) => {
  const options = parseSoakOptions(args);
  const servers = await SoakServers.start(options.hasPooler);
  try {
    const report = await soak(servers, options);
    const text = options.isJson ? JSON.stringify(report) : reportLines(report).join('\n');
    process.stdout.write(`${text}\n`);
    process.exitCode = isClean(report) ? 0 : 1;
  } finally {
    await servers.stop();
  }
});
