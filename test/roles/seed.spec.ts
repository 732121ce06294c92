// A seed of new tenants has the rights of the owner of all schemas, also in the transactions of its repositories.
import { TenantProvisioner, readHistory } from 'nest-tenant-schemas';
import { tenantMigrations } from '../../src/database/migrations/tenant/index.js';
import { Poll } from '../../src/polls/poll.entity.js';
import { newClient } from '../schemas/support.js';
import {
  createRoleDatabase,
  openMigrated,
  type RoleDatabase,
  type RoleSchemas,
} from './support.js';

let database: RoleDatabase;
let schemas: RoleSchemas;

beforeAll(async () => {
  database = await createRoleDatabase();
  schemas = await openMigrated(database);
});

afterAll(async () => {
  await schemas.dataSource.destroy();
  await database.drop();
});

it('writes rows by its manager and by repositories, before the tenant has its role', async () => {
  const { dataSource, registry } = schemas;
  const history = readHistory(tenantMigrations, 'tenant');
  const columns = (): object => ({ question: 'Why?' });
  const provisioner = new TenantProvisioner(dataSource, registry, history, {}, async (manager) => {
    await manager.insert(Poll, columns());
    await dataSource.getRepository(Poll).insert(columns());
  });
  await provisioner.create(newClient('acme'));
  const [row] = await database.sql('SELECT count(*)::int FROM acme.polls');
  expect(row).toEqual({ count: 2 });
  expect(await schemas.findings()).toEqual([]);
});
