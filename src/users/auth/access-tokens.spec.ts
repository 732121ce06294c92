// Tokens: their content, and each kind of invalid token: of another tenant, key or algorithm, expired, or changed. A new key
// logs no user out.
import { createHmac } from 'node:crypto';
import { AccessTokens, ISSUER } from './access-tokens.js';

const [OLD, NEW] = ['o'.repeat(32), 'n'.repeat(32)];
const A = { id: 'aaaaaaaa-0000-4000-8000-000000000000', schema: 'a' };
const B = { id: 'bbbbbbbb-0000-4000-8000-000000000000', schema: 'b' };
const ADA = { id: 7, tokenVersion: 3 };

const tokens = new AccessTokens([OLD], 60);

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Builds a token by hand. Its signature is right unless one is given. */
function forge(header: object, claims: object, key: string = OLD, signature?: string): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${signature ?? createHmac('sha256', key).update(signed).digest('base64url')}`;
}

const HEADER = { alg: 'HS256', typ: 'JWT' };
const soon = (): number => Math.floor(Date.now() / 1000) + 60;
const claims = (more: object = {}): object => ({
  sub: '7',
  ver: 3,
  iss: ISSUER,
  tid: A.id,
  exp: soon(),
  ...more,
});

it('contains only the user, its version, the tenant, the issuer and the times', () => {
  const { token, expiresAt } = tokens.issue(A, ADA);
  const [header, payload] = token
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString());
  expect(JSON.parse(header ?? '')).toEqual(HEADER);
  expect(JSON.parse(payload ?? '')).toEqual({
    sub: '7',
    ver: 3,
    iss: ISSUER,
    tid: A.id,
    iat: expect.any(Number),
    exp: expiresAt.getTime() / 1000,
  });
  expect(tokens.read(token, A)).toEqual(ADA);
});

it('control: accepts a token that is built by hand and right in all parts', () => {
  expect(tokens.read(forge(HEADER, claims()), A)).toEqual(ADA);
});

it.each<[string, () => string]>([
  ['is of another tenant', () => tokens.issue(B, ADA).token],
  [
    'names the algorithm none, and has no signature',
    () => forge({ alg: 'none' }, claims(), OLD, ''),
  ],
  ['names the algorithm none, and has a signature', () => forge({ alg: 'none' }, claims())],
  ['names another HMAC', () => forge({ alg: 'HS512' }, claims())],
  ['names an asymmetric algorithm', () => forge({ alg: 'RS256' }, claims())],
  ['is signed by another key', () => forge(HEADER, claims(), NEW)],
  ['has expired', () => forge(HEADER, claims({ exp: soon() - 61 }))],
  ['is not valid yet', () => forge(HEADER, claims({ nbf: soon() }))],
  ['is of another issuer', () => forge(HEADER, claims({ iss: 'other' }))],
  ['has no tenant', () => forge(HEADER, claims({ tid: undefined }))],
  ['has no numeric subject', () => forge(HEADER, claims({ sub: 'ada' }))],
  ['has no version', () => forge(HEADER, claims({ ver: undefined }))],
  ['has no expiry', () => forge(HEADER, claims({ exp: undefined }))],
  ['was changed', () => tokens.issue(A, ADA).token.replace(/\.[^.]+\./, `.${encode(claims())}.`)],
  ['has lost its signature', () => tokens.issue(A, ADA).token.replace(/[^.]*$/, '')],
  ['is not a JWT', () => 'nonsense'],
  ['is empty', () => ''],
])('rejects a token that %s', (_what, make) => {
  expect(tokens.read(make(), A)).toBeUndefined();
});

it('signs with the first secret, and verifies with all secrets', () => {
  const rotated = new AccessTokens([NEW, OLD], 60);
  const after = new AccessTokens([NEW], 60);
  const older = tokens.issue(A, ADA).token;
  const newer = rotated.issue(A, ADA).token;
  expect([rotated.read(older, A), rotated.read(newer, A)]).toEqual([ADA, ADA]);
  expect([after.read(older, A), after.read(newer, A)]).toEqual([undefined, ADA]);
});

it('neither signs nor accepts a token without a secret', () => {
  const none = new AccessTokens([], 60);
  expect(() => none.issue(A, ADA)).toThrow('No token can be signed: JWT_SECRET is not set.');
  expect(none.read(tokens.issue(A, ADA).token, A)).toBeUndefined();
});
