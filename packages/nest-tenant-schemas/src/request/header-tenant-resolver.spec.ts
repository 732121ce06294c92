// The header resolver: one UUID in the named header, in any case, and nothing else.
import {
  TenantHeaderInvalidError,
  TenantHeaderMissingError,
} from '../errors/request/tenant-header.error.js';
import { TenancyOptionsError } from '../errors/tenancy-options.error.js';
import { HeaderTenantResolver } from './header-tenant-resolver.js';

const UUID = '9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d';

function resolve(headers: Record<string, string | string[] | undefined>, name?: string): string {
  return new HeaderTenantResolver(name).resolve({ headers });
}

it('reads the X-Tenant-ID header in any case, unless another one is named', () => {
  expect(resolve({ 'x-tenant-id': UUID })).toBe(UUID);
  expect(resolve({ 'x-tenant': UUID }, 'X-Tenant')).toBe(UUID);
  expect(() => resolve({ 'x-tenant-id': UUID }, 'X-Tenant')).toThrow(TenantHeaderMissingError);
});

it('gives the UUID in lower case', () => {
  expect(resolve({ 'x-tenant-id': UUID.toUpperCase() })).toBe(UUID);
});

it.each([[undefined], ['']])('names the header that is missing (%j)', (value) => {
  expect(() => resolve({ 'x-tenant-id': value }, 'X-Tenant-ID')).toThrow(
    new TenantHeaderMissingError('X-Tenant-ID'),
  );
});

it.each([
  ['no UUID', 'pollsmaster'],
  ['a UUID without hyphens', UUID.replaceAll('-', '')],
  ['a UUID in braces', `{${UUID}}`],
  ['spaces around it', ` ${UUID}`],
  ['a line break behind it', `${UUID}\n`],
  ['two, as Node joins them', `${UUID}, ${UUID}`],
  ['a list', [UUID]],
  ['letters beyond f', UUID.replace('e', 'g')],
])('refuses %s without repeating it', (_title, value) => {
  expect(() => resolve({ 'x-tenant-id': value })).toThrow(TenantHeaderInvalidError);
  expect(new TenantHeaderInvalidError('X-Tenant-ID').message).not.toContain(String(value));
});

it('refuses a name that no header can have', () => {
  expect(() => new HeaderTenantResolver('X Tenant')).toThrow(TenancyOptionsError);
});
