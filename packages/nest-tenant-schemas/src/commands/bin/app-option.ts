import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The command line without the option `--app`, and the option's value. */
export interface TakenApp {
  /** Path of the application's module. Undefined if neither the option nor package.json has it. */
  readonly app: string | undefined;
  readonly words: readonly string[];
}

/** Everything after it belongs to the command. */
const END_OF_OPTIONS = '--';

/**
 * Takes `--app <path>` or `--app=<path>` out of a command line. Default: `"tenant-schemas": { "app": "<path>" }` in the
 * package.json of the folder.
 *
 * @throws Error if `--app` has no value, or if package.json cannot be read
 */
export async function takeApp(args: readonly string[], folder: string): Promise<TakenApp> {
  const end = args.includes(END_OF_OPTIONS) ? args.indexOf(END_OF_OPTIONS) : args.length;
  const place = args.findIndex((word, n) => n < end && /^--app(?:=|$)/.test(word));
  if (place === -1) return { app: await appOfPackage(folder), words: args };
  const [, inline] = /^--app=(.*)$/s.exec(args[place] ?? '') ?? [];
  const app = inline ?? (place + 1 < end ? args[place + 1] : undefined);
  if (!app) throw new Error(`--app needs the path of the application's module. ${EXAMPLE}`);
  return { app, words: args.toSpliced(place, inline === undefined ? 2 : 1) };
}

/** Says how to name the application. */
export const EXAMPLE =
  'For example: npx tenant-schemas --app dist/app.module.js list-tenants. ' +
  'Or put "tenant-schemas": { "app": "dist/app.module.js" } into package.json.';

async function appOfPackage(folder: string): Promise<string | undefined> {
  const file = join(folder, 'package.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const settings = (JSON.parse(text) as { 'tenant-schemas'?: { app?: unknown } })['tenant-schemas'];
  if (settings?.app === undefined) return undefined;
  if (typeof settings.app === 'string' && settings.app !== '') return settings.app;
  throw new Error(`"tenant-schemas": { "app" } in ${file} must be the path of a module.`);
}
