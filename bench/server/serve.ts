// A process that serves one variant, or delays a database. Its parent controls it with messages.
import 'reflect-metadata';
import { once } from 'node:events';
import { parseEnvironment } from '../../src/config/environment.js';
import { startDelayProxy } from './delay-proxy.js';
import { memoryInUse } from '../memory.js';
import type { Order } from './server-process.js';
import { startProfile, stopProfile } from '../profile/profiler.js';
import { variantOf } from '../variants/index.js';

async function start(order: Order): Promise<{ url: string }> {
  if ('delayMs' in order) return startDelayProxy(order.databaseUrl, order.delayMs);
  const { start: startVariant, variables = {} } = variantOf(order.variant);
  return startVariant({
    databaseUrl: order.databaseUrl,
    schema: order.schema,
    environment: parseEnvironment({
      NODE_ENV: 'test',
      DATABASE_POOL_SIZE: String(order.poolSize),
      ...variables,
      ...order.variables,
    }),
  });
}

/** What a parent may ask for, and the answer. */
const ANSWERS: Readonly<Record<string, () => unknown>> = {
  memory: () => memoryInUse(),
  'start-profile': () => startProfile(),
  'stop-profile': () => stopProfile(),
};

const [order] = (await once(process, 'message')) as [Order];
try {
  const { url } = await start(order);
  process.on('message', (question: string) => {
    void Promise.resolve(ANSWERS[question]?.()).then((answer) =>
      process.send?.({ answer: answer ?? null }),
    );
  });
  process.send?.({ url });
} catch (error) {
  process.send?.({ reason: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
// A parent that is gone has no use for it.
process.on('disconnect', () => process.exit(0));
