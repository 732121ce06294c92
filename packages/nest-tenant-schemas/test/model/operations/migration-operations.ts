// A migration of a tenant's schema while the others work: it replaces a type that prepared statements rest on.
import { type Operation, pick } from './operation.js';
import { replaceEnum } from '../set-up.js';
import { TENANTS } from '../settings.js';

export const migrateEnum: Operation = {
  name: 'migrateEnum',
  weight: 4,
  isPossible: () => true,
  async run(world, _actor, choice) {
    await world.database.sql(replaceEnum(pick(TENANTS, choice)));
    world.hasMigrations = true;
  },
};
