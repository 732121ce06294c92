// Errors that are answered with 503, because the database is unavailable or busy.
import { QueryFailedError } from 'typeorm';
import {
  isDatabaseTooSlow,
  isDatabaseUnavailable,
  isTransactionConflict,
} from './database-unavailable.js';

const withFields = (fields: object, message = 'x'): Error =>
  Object.assign(new Error(message), fields);

it.each([
  ['ECONNREFUSED'],
  ['ECONNRESET'],
  ['ENOTFOUND'],
  ['ETIMEDOUT'],
  ['08006'],
  ['28P01'],
  ['3D000'],
  ['25006'],
  ['53100'],
  ['53300'],
  ['57P01'],
  ['57P03'],
])('treats the code %s as an unavailable database', (code) => {
  const error = withFields({ code });
  expect(isDatabaseUnavailable(error)).toBe(true);
  expect(isDatabaseUnavailable(new QueryFailedError('SELECT 1', [], error))).toBe(true);
});

it.each([
  ['a connection that ended', withFields({}, 'Connection terminated unexpectedly')],
  [
    'a connection that has already ended',
    withFields({}, 'Client has encountered a connection error and is not queryable'),
  ],
  ['a connection that was not made', withFields({}, 'timeout expired')],
  ['a wait in a pool', withFields({}, 'timeout exceeded when trying to connect')],
  ['a fatal error of another code', withFields({ code: '55000', severity: 'FATAL' })],
])('treats %s as an unavailable database', (_title, error) => {
  expect(isDatabaseUnavailable(error)).toBe(true);
});

it.each([
  ['a wrong statement', withFields({ code: '42P01', severity: 'ERROR' })],
  ['a broken rule', withFields({ code: '23505', severity: 'ERROR' })],
  ['an object in another state', withFields({ code: '55000', severity: 'ERROR' })],
  ['a statement that was cancelled', withFields({ code: '57014', severity: 'ERROR' })],
  ['a bug', new TypeError('x is undefined')],
  ['text', 'ECONNREFUSED'],
  ['nothing', undefined],
])('does not treat %s as an unavailable database', (_title, error) => {
  expect(isDatabaseUnavailable(error)).toBe(false);
});

it.each([['57014'], ['55P03']])('treats the code %s as a slow database', (code) => {
  const error = withFields({ code, severity: 'ERROR' });
  expect(isDatabaseTooSlow(error)).toBe(true);
  expect(isDatabaseTooSlow(new QueryFailedError('SELECT 1', [], error))).toBe(true);
});

it.each([withFields({ code: '57P01' }), new TypeError('x'), '57014', undefined])(
  'does not treat %s as a slow database',
  (error) => {
    expect(isDatabaseTooSlow(error)).toBe(false);
  },
);

it.each(['40001', '40P01'])('treats the code %s as a transaction conflict', (code) => {
  const error = withFields({ code, severity: 'ERROR' });
  expect(isTransactionConflict(error)).toBe(true);
  expect(isTransactionConflict(new QueryFailedError('SELECT 1', [], error))).toBe(true);
  expect([isDatabaseTooSlow(error), isDatabaseUnavailable(error)]).toEqual([false, false]);
});

it.each([withFields({ code: '55P03' }), new TypeError('x'), '40P01', undefined])(
  'does not treat %s as a transaction conflict',
  (error) => {
    expect(isTransactionConflict(error)).toBe(false);
  },
);
