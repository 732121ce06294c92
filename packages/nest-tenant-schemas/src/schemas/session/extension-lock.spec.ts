import { createsExtension } from './extension-lock.js';

it.each([
  'CREATE EXTENSION citext',
  'create\n  extension if not exists citext',
  '-- for names\nCREATE /* once */ EXTENSION "citext"',
  'DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS citext; END $$',
])('sees that %j creates an extension', (text) => {
  expect(createsExtension(text)).toBe(true);
});

it.each(['CREATE TABLE extension (id int)', 'ALTER EXTENSION citext UPDATE', 'CREATE EXTENSIONS'])(
  'sees that %j creates none',
  (text) => {
    expect(createsExtension(text)).toBe(false);
  },
);
