import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

/**
 * Writes text between the two comments of a block in a Markdown file, and leaves what people wrote around it.
 *
 * @throws Error when the file has no such block
 */
export async function writeBlock(path: string, name: string, markdown: string): Promise<void> {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const text = readFileSync(path, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has no block ${begin} … ${end}`);
  const written = `${text.slice(0, from)}${begin}\n\n${markdown}\n\n${text.slice(to)}`;
  const options = { ...(await resolveConfig(path)), parser: 'markdown' };
  writeFileSync(path, await format(written, options));
}
