// All tenants are served except suspended tenants, and expired tenants from the day after the last paid day.
import { assertClientServable } from './assert-client-servable.js';
import { Client } from '../client.entity.js';
import { errorResponse } from '../../http/errors/error-response.js';

const NOW = new Date('2026-11-23T23:59:59Z');

function answer(changes: Partial<Client>): unknown {
  const client = Object.assign(new Client(), { suspended: false, paidUntil: null, onTrial: false });
  try {
    assertClientServable(Object.assign(client, changes), NOW);
    return 'served';
  } catch (error) {
    const { statusCode, code } = errorResponse(error) ?? {};
    return [statusCode, code];
  }
}

it.each([
  ['it is neither suspended nor limited', {}, 'served'],
  ['today is its last paid day', { paidUntil: '2026-11-23' }, 'served'],
  ['yesterday was its last paid day', { paidUntil: '2026-11-22' }, [402, 'TENANT_EXPIRED']],
  ['its last paid day has passed, on trial', { paidUntil: '2020-05-30', onTrial: true }, 'served'],
  ['it is suspended', { suspended: true }, [403, 'TENANT_SUSPENDED']],
  [
    'it is suspended and expired',
    { suspended: true, paidUntil: '2020-05-30' },
    [403, 'TENANT_SUSPENDED'],
  ],
])('serves or rejects a tenant when %s', (_title, changes, expected) => {
  expect(answer(changes)).toEqual(expected);
});
