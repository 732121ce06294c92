// A server accepts the connection but does not answer. A caller that acquires a connection gets an error in time.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { DataSource } from 'typeorm';
import { until } from 'test-support/poll.js';
import { protectDataSource, tenantDataSourceOptions } from '../../../src/index.js';

let server: Server;
const sockets: Socket[] = [];

beforeAll(async () => {
  server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  sockets.forEach((socket) => socket.destroy());
  server.close();
});

it('fails the checkout when the connection took longer than it may', async () => {
  const { port } = server.address() as AddressInfo;
  const dataSource = protectDataSource(
    new DataSource(
      tenantDataSourceOptions({
        url: `postgres://unknown@127.0.0.1:${port}/none`,
        connectTimeoutMS: 50,
        entities: [],
      }),
    ),
  );
  await expect(dataSource.initialize()).rejects.toThrow('timeout expired');
  // The system accepts a connection before this process takes note of it.
  await until('the server has the connection', () => sockets.length === 1);
});
