// Resolves dependencies to their modules in the bundle, if global-setup.js has made one.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const resolveSource = require('./source-resolver.cjs');

let bundled;

function inBundle(path) {
  const folder = process.env.NTS_TEST_DEPENDENCIES;
  if (!folder) return undefined;
  bundled ??= new Map(Object.entries(JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))));
  return bundled.get(path);
}

module.exports = (path, options) => inBundle(path) ?? resolveSource(path, options);
