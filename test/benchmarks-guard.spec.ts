// A variant of the benchmarks that cannot start is left out of their results, so this wiring needs a check.
import { Test } from '@nestjs/testing';
import { GUARDED_BY_LOGIN, ONE_TENANT } from '../bench/variants/guarded-by-login.js';

it('creates the login guard of the benchmarks from its providers', async () => {
  const module = Test.createTestingModule({ providers: [...GUARDED_BY_LOGIN, ONE_TENANT] });
  await expect(module.compile()).resolves.toBeDefined();
});
