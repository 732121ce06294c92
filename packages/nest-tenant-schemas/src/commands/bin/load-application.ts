import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Type } from '@nestjs/common';
import { type OpenApplication, UsageError } from '../index.js';
import { EXAMPLE } from './app-option.js';

/** What the file of `--app` exports. */
export type LoadedApplication =
  | { readonly module: Type }
  /** Opens the application itself, for example one whose module needs `forRoot(...)`. */
  | { readonly open: OpenApplication };

/** Names that compilers and Node.js add to the exports of CommonJS. */
const OF_FORMATS = new Set(['__esModule', 'default', 'module.exports']);

type Exports = Readonly<Record<string, unknown>>;

/**
 * Loads the application of a command: the export `openApplication`, `AppModule` or the only class.
 *
 * @param app a path, or `path#Export` for another export
 * @param folder the folder that the path is relative to
 * @throws UsageError if the file does not exist, is not JavaScript, or does not export one module
 */
export async function loadApplication(
  app: string | undefined,
  folder: string,
): Promise<LoadedApplication> {
  if (app === undefined)
    throw new UsageError(`The commands need the application's module. ${EXAMPLE}`);
  const [path = '', name] = app.split('#');
  const file = resolve(folder, path);
  const exported = await importFile(file);
  return chooseExport(exported, name, file);
}

async function importFile(file: string): Promise<Exports> {
  const url = pathToFileURL(file).href;
  try {
    const loaded = (await import(url)) as Exports;
    // A CommonJS module has all exports in `default`, and only those by name that Node.js can detect.
    const { default: inDefault } = loaded;
    return typeof inDefault === 'object' && inDefault !== null
      ? { ...loaded, ...(inDefault as Exports) }
      : loaded;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND' && message.includes(`'${file}'`)) {
      throw new UsageError(
        `The application's module ${file} does not exist. Build the application first.`,
        { cause: error },
      );
    }
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION') {
      throw new UsageError(
        `Node.js cannot load ${file}. Build the application, and name the JavaScript file. ${EXAMPLE}`,
        { cause: error },
      );
    }
    throw error;
  }
}

/** @throws UsageError if the export does not exist, or if there are several classes to choose from */
function chooseExport(
  exported: Exports,
  name: string | undefined,
  file: string,
): LoadedApplication {
  if (name !== undefined) {
    const { [name]: chosen } = exported;
    if (isClass(chosen)) return { module: chosen };
    if (typeof chosen === 'function') return { open: chosen as OpenApplication };
    throw new UsageError(`${file} does not export ${name}. It exports ${namesOf(exported)}.`);
  }
  if (typeof exported['openApplication'] === 'function') {
    return { open: exported['openApplication'] as OpenApplication };
  }
  const classes = [...new Set(Object.values(exported).filter(isClass))];
  const [only, ...others] = isClass(exported['AppModule']) ? [exported['AppModule']] : classes;
  if (only && others.length === 0) return { module: only };
  throw new UsageError(
    `${file} must export one module, AppModule, or a function openApplication. It exports ${namesOf(exported)}. ` +
      `Name one of them: --app ${file}#<Export>`,
  );
}

function isClass(value: unknown): value is Type {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

function namesOf(exported: Exports): string {
  const names = Object.keys(exported).filter((name) => !OF_FORMATS.has(name));
  return names.join(', ') || 'nothing';
}
