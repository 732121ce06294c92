// Tokens: what they say, and every way in which one is not good: another tenant, another key, another algorithm,
// too old, changed. Keys are replaced without a logout.
import { createHmac } from 'node:crypto';
import { AccessTokens, ISSUER } from './access-tokens.js';

const [OLD, NEW] = ['o'.repeat(32), 'n'.repeat(32)];
const A = { id: 'aaaaaaaa-0000-4000-8000-000000000000', schema: 'a' };
const B = { id: 'bbbbbbbb-0000-4000-8000-000000000000', schema: 'b' };
const ADA = { id: 7, tokenVersion: 3 };

const tokens = new AccessTokens([OLD], 60);

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A token made by hand, signed rightly by a key unless a signature is given. */
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

it('says who, in which tenant, until when, and nothing else', () => {
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

it('control: takes a token that is made by hand, if all of it is right', () => {
  expect(tokens.read(forge(HEADER, claims()), A)).toEqual(ADA);
});

it.each<[string, () => string]>([
  ['is of another tenant', () => tokens.issue(B, ADA).token],
  ['says alg none, and has no signature', () => forge({ alg: 'none' }, claims(), OLD, '')],
  ['says alg none, and has one', () => forge({ alg: 'none' }, claims())],
  ['says another HMAC', () => forge({ alg: 'HS512' }, claims())],
  ['says an asymmetric algorithm', () => forge({ alg: 'RS256' }, claims())],
  ['is signed by another key', () => forge(HEADER, claims(), NEW)],
  ['has expired', () => forge(HEADER, claims({ exp: soon() - 61 }))],
  ['is not good yet', () => forge(HEADER, claims({ nbf: soon() }))],
  ['is of another issuer', () => forge(HEADER, claims({ iss: 'somebody' }))],
  ['is for nobody', () => forge(HEADER, claims({ tid: undefined }))],
  ['is about nobody', () => forge(HEADER, claims({ sub: 'ada' }))],
  ['has no version', () => forge(HEADER, claims({ ver: undefined }))],
  ['has no end', () => forge(HEADER, claims({ exp: undefined }))],
  ['was changed', () => tokens.issue(A, ADA).token.replace(/\.[^.]+\./, `.${encode(claims())}.`)],
  ['has lost its signature', () => tokens.issue(A, ADA).token.replace(/[^.]*$/, '')],
  ['is none', () => 'nonsense'],
  ['is empty', () => ''],
])('does not take a token that %s', (_what, make) => {
  expect(tokens.read(make(), A)).toBeUndefined();
});

it('signs by the first secret and verifies by each, so that they can be replaced', () => {
  const rotated = new AccessTokens([NEW, OLD], 60);
  const after = new AccessTokens([NEW], 60);
  const older = tokens.issue(A, ADA).token;
  const newer = rotated.issue(A, ADA).token;
  expect([rotated.read(older, A), rotated.read(newer, A)]).toEqual([ADA, ADA]);
  expect([after.read(older, A), after.read(newer, A)]).toEqual([undefined, ADA]);
});

it('signs nothing without a secret, and takes nothing', () => {
  const none = new AccessTokens([], 60);
  expect(() => none.issue(A, ADA)).toThrow('There is no JWT_SECRET to sign a token with.');
  expect(none.read(tokens.issue(A, ADA).token, A)).toBeUndefined();
});
