// Password hashes: the parameters of OWASP, a salt for each hash, and the same work for an unknown user.
import { parseOptions } from '@node-rs/argon2';
import { PasswordHasher } from './password-hasher.js';

const hasher = new PasswordHasher();

it('hashes with argon2id, the parameters of OWASP, and a new salt', async () => {
  const [first, second] = await Promise.all([hasher.hash('tea time'), hasher.hash('tea time')]);
  expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(second).not.toBe(first);
  expect(parseOptions(first).saltLen).toBe(16);
});

it('accepts only the right password, in any Unicode normalization', async () => {
  const hash = await hasher.hash('caf\u00E9 time');
  expect(await hasher.verify(hash, 'cafe\u0301 time')).toBe(true);
  for (const wrong of ['cafe time', 'caf\u00E9 time ', 'Caf\u00E9 time', '']) {
    expect(await hasher.verify(hash, wrong)).toBe(false);
  }
});

it('rejects any password without a hash', async () => {
  expect(await hasher.verify(undefined, 'tea time')).toBe(false);
});

it('rejects hashes beyond the maximum of waiting ones', async () => {
  const answers = await Promise.allSettled(
    Array.from({ length: 110 }, () => hasher.verify(undefined, 'x')),
  );
  const refused = answers.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(8);
  expect(refused[0]).toMatchObject({
    reason: { status: 503, response: { code: 'POOL_EXHAUSTED' } },
  });
}, 60_000);
