// Checks the links between pages: the file exists, and so does the heading.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { readPages, report, ROOT } from './pages.js';
import { slug } from './slug.js';

const withoutCode = (text) =>
  text.replaceAll(/^ *```[^]*?^ *```$/gm, '').replaceAll(/`[^`\n]*`/g, '');

/** Returns the anchors of a page. A link in a heading counts by its text. */
function anchorsOf(path) {
  const text = readFileSync(join(ROOT, path), 'utf8').replaceAll(/^ *```[^]*?^ *```$/gm, '');
  const headings = Array.from(text.matchAll(/^#{1,6} (.+)$/gm), ([, heading]) => heading);
  return new Set(
    headings.map((heading) => slug(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1'))),
  );
}

function targetsOf(text) {
  const inline = text.matchAll(/\]\(([^)\s]+)\)/g);
  const references = text.matchAll(/^\[[^\]]+\]: (\S+)$/gm);
  return [...inline, ...references].map(([, target]) => target);
}

let checked = 0;
const problems = [];
for (const { path, text } of readPages()) {
  for (const target of targetsOf(withoutCode(text))) {
    if (/^[a-z]+:/.test(target)) continue;
    checked += 1;
    const [file, anchor] = target.split('#');
    const found = file === '' ? path : normalize(join(dirname(path), file));
    if (!existsSync(join(ROOT, found))) problems.push(`${path}: ${target} does not exist`);
    else if (anchor && found.endsWith('.md') && !anchorsOf(found).has(anchor))
      problems.push(`${path}: ${found} has no heading #${anchor}`);
  }
}
report(`${checked} links`, problems);
