import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Listens on a free port of the loopback interface, reports the address, and ends with the process that started it. */
const MAIN = `
const { NestFactory } = require('@nestjs/core');
const { AppModule } = require('./dist/app.module.js');
process.on('disconnect', () => process.exit());
NestFactory.create(AppModule, { abortOnError: false, logger: ['error', 'warn'] })
  .then(async (app) => {
    await app.listen(0, '127.0.0.1');
    process.send(await app.getUrl());
  })
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });`;

/** Runs a function while the built application of a folder serves requests. Passes it the address. */
export async function whileServing(folder, env, use) {
  const child = spawn('node', ['-e', MAIN], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const ended = once(child, 'close');
  try {
    const [url] = await Promise.race([once(child, 'message'), ended.then(() => [])]);
    if (!url) throw new Error('The application ended before it listened.');
    return await use(url);
  } catch (error) {
    throw new Error(`${error.message}\nOutput of the application:\n${output}`, { cause: error });
  } finally {
    child.kill();
    await ended;
  }
}

/** Sends a request. Returns the status and the parsed body of the answer. */
export async function send(url, { tenant, token, body } = {}) {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    body: body && JSON.stringify(body),
    headers: {
      'Content-Type': 'application/json',
      ...(tenant && { 'X-Tenant-ID': tenant }),
      ...(token && { Authorization: `Bearer ${token}` }),
    },
  });
  return [response.status, await response.json()];
}
