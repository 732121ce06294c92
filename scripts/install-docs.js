// Installs the tools of the documentation site if they are missing. They are a package of their own (docs/package.json), so that
// `npm ci` of the application stays fast.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const docs = join(import.meta.dirname, '../docs');
if (!existsSync(join(docs, 'node_modules'))) {
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: docs, stdio: 'inherit' });
}
