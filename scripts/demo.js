// npm run demo: a server with two demo tenants, their users, polls and votes, and the curl lines that show that
// neither tenant sees the other. It keeps a database of its own in .data/demo and never touches another; started
// again, it goes on with what is there.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const OPERATOR_KEY = 'demo-operator-key';
const PASSWORD = 'demo-password';
const USERS = ['ada', 'bob'];
const TENANTS = [
  { name: 'Pollsmaster', question: 'Tea or coffee?', choices: ['Tea', 'Coffee'] },
  { name: 'Rival', question: 'Cats or dogs?', choices: ['Cats', 'Dogs'] },
];

/** Starts the server on the demo's own database: an empty variable counts as unset, whatever `.env` says. */
function startServer() {
  const server = spawn(process.execPath, ['dist/main.js'], {
    env: {
      ...process.env,
      NODE_ENV: 'development',
      // Lines of requests would hide the curl lines.
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
      DATABASE_URL: '',
      DATABASE_DIRECT_URL: '',
      // The key above is public, so only this machine may connect.
      HOST: '127.0.0.1',
      TENANT_HEADER: '',
      JWT_SECRET: '',
      OPERATOR_KEY,
      DATA_DIR: process.env.DEMO_DATA_DIR ?? join('.data', 'demo'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  server.once('exit', (code) => process.exit(process.exitCode ?? code ?? 1));
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
    server.kill('SIGTERM');
  });
  // A terminal sends Ctrl-C to the server as well, for which a second signal would be the end at once.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => server.kill('SIGTERM'));
  return new Promise((resolve) => {
    let printed = '';
    server.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      printed += chunk;
      const address = /^ {2}API\s+(\S+)$/m.exec(printed)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
}

/** Sends a request; what is there already (409) is as good as made. */
async function send(url, method, body, headers = {}) {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok && response.status !== 409) throw new Error(`${url}: ${answer.message}`);
  return answer;
}

/** Makes what a tenant lacks of the demo. */
async function furnish(api, { name, question, choices }) {
  const operator = { authorization: `Bearer ${OPERATOR_KEY}` };
  await send(`${api}/clients`, 'POST', { tenant_name: name }, operator);
  const { tenant_uuid } = await send(`${api}/client`, 'POST', { tenant_name: name });
  const tenant = { 'x-request-id': tenant_uuid };
  const users = [];
  for (const username of USERS) {
    const user = { username, password: PASSWORD };
    // Use the operator key, because the tenant may have `access: members`.
    const asOperator = { ...tenant, ...operator };
    await send(`${api}/users`, 'POST', { ...user, email: `${username}@example.com` }, asOperator);
    const { token } = await send(`${api}/login`, 'POST', user, tenant);
    users.push({ ...tenant, authorization: `Bearer ${token}` });
  }
  const { items } = await send(`${api}/polls`, 'GET', undefined, users[0]);
  const poll = items[0] ?? (await send(`${api}/polls`, 'POST', { question, choices }, users[0]));
  for (const [index, user] of users.entries()) {
    const choice = poll.choices[index % poll.choices.length];
    if (choice === undefined) continue;
    await send(`${api}/polls/${poll.id}/choices/${choice.id}/vote`, 'POST', undefined, user);
  }
  return { name, uuid: tenant_uuid, poll: poll.id };
}

function lines(api, [first, second]) {
  const as = ({ uuid }) => `curl -s -H 'X-Request-ID: ${uuid}' ${api}`;
  const json = `-H 'Content-Type: application/json'`;
  const operator = `curl -s -H 'Authorization: Bearer ${OPERATOR_KEY}'`;
  return [
    `Two tenants, each with the users ${USERS.join(' and ')} (password: ${PASSWORD}), a poll and votes.`,
    'The same request, and each tenant has its own answer:',
    `  ${as(first)}/polls`,
    `  ${as(second)}/polls`,
    'The same id is another poll in the second tenant. Without a tenant the request is rejected:',
    `  ${as(first)}/polls/${first.poll}/results`,
    `  ${as(second)}/polls/${second.poll}/results`,
    `  curl -s ${api}/polls`,
    `A token of ${first.name} is valid there, and gets a 401 in ${second.name}:`,
    `  TOKEN=$(${as(first)}/login ${json} -d '{"username":"ada","password":"${PASSWORD}"}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')`,
    `  ${as(first)}/users/me -H "Authorization: Bearer $TOKEN"`,
    `  ${as(second)}/users/me -H "Authorization: Bearer $TOKEN"`,
    'The operator sees both:',
    `  ${operator} ${api}/clients`,
    `The operator closes ${second.name}. Strangers can then neither read nor register (401, 403):`,
    `  ${operator} -X PATCH ${api}/clients/${second.uuid} ${json} -d '{"access":"members"}'`,
    `  ${as(second)}/polls`,
    `  ${as(second)}/users ${json} -d '{"username":"eve","email":"eve@example.com","password":"${PASSWORD}"}'`,
    `  ${operator} -X PATCH ${api}/clients/${second.uuid} ${json} -d '{"access":"open"}'`,
    '',
  ];
}

const api = await startServer();
const tenants = [];
for (const tenant of TENANTS) tenants.push(await furnish(api, tenant));
process.stdout.write(
  lines(api, tenants)
    .map((line) => `  ${line}\n`)
    .join(''),
);
