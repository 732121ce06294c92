import { isIP } from 'node:net';

/** Converts the text of a variable to its value. It throws an Error with the rule as its message. */
export type Parse<T> = (text: string) => T;

export function integer(least: number, most: number): Parse<number> {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new Error(`must be a whole number from ${least} to ${most}`);
    }
    return value;
  };
}

export function oneOf<const T extends string>(...values: readonly T[]): Parse<T> {
  return (text) => {
    const value = values.find((each) => each === text);
    if (value === undefined) throw new Error(`must be one of ${values.join(', ')}`);
    return value;
  };
}

export function matching(pattern: RegExp, rule: string): Parse<string> {
  return (text) => {
    if (!pattern.test(text)) throw new Error(rule);
    return text;
  };
}

/** Modes of node-postgres. It treats other values as `verify-full` in an address, and as `disable` in `PGSSLMODE`. */
export const SSL_MODES: readonly string[] = [
  'disable',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
  'no-verify',
];

/** Parses a `postgres://` address. The address must name a database. */
export const postgresUrl: Parse<string> = (text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || url.pathname.length < 2) {
    throw new Error('must be an address like postgres://user:password@host:5432/database');
  }
  const unknown = url.searchParams.getAll('sslmode').find((mode) => !SSL_MODES.includes(mode));
  if (unknown !== undefined) {
    throw new Error(
      `must have one of these values of sslmode: ${SSL_MODES.join(', ')}. It has sslmode=${unknown}`,
    );
  }
  return text;
};

/** Parses a comma list of such addresses. A comma in a password must be written as `%2C`. */
export const postgresUrls: Parse<readonly string[]> = (text) =>
  text.split(',').map((each, index) => {
    try {
      return postgresUrl(each.trim());
    } catch (error) {
      const problem = (error as Error).message;
      throw new Error(`must be a comma list of addresses. Address ${index + 1} ${problem}`, {
        cause: error,
      });
    }
  });

/** Returns the name of the database in an address. */
export function databaseOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Parses a duration such as `90s`, `30m`, `12h` or `7d`, in seconds. A number without a unit means seconds. */
export function duration(leastSeconds: number, mostSeconds: number): Parse<number> {
  return (text) => {
    const [, count, unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text) ?? [];
    const value = Number(count) * (SECONDS[unit] ?? Number.NaN);
    if (!(value >= leastSeconds && value <= mostSeconds)) {
      throw new Error(
        `must be a time like 900s, 30m, 12h or 7d, from ${leastSeconds} to ${mostSeconds} seconds`,
      );
    }
    return value;
  };
}

/** Parses a comma list. Spaces around values are ignored. */
export function listOf(pattern: RegExp, rule: string): Parse<readonly string[]> {
  return (text) => {
    const values = text.split(',').map((value) => value.trim());
    if (!values.every((value) => pattern.test(value))) throw new Error(rule);
    return values;
  };
}

/** Names of networks that proxy-addr knows: https://github.com/fastify/proxy-addr */
const NETWORKS: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** Parses the trusted proxies: their number, or a comma list of their addresses and networks. */
export const proxies: Parse<number | string> = (text) => {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  if (text.split(',').every((each) => isProxy(each.trim()))) return text;
  throw new Error(
    'must be a number of proxies from 1 to 99, or a comma list of addresses and networks like 10.0.0.0/8 with a prefix of at least 1',
  );
};

/** Rejects the prefix 0: proxy-addr does not accept it, and it would trust every address. */
function isProxy(name: string): boolean {
  const [address = '', prefix = '1', ...rest] = name.split('/');
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  const isNetwork = /^\d+$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= bits;
  return NETWORKS.has(name) || (isNetwork && rest.length === 0);
}

/** Parses a comma list of origins such as `https://app.example.com`, without a path. */
export const origins: Parse<readonly string[]> = (text) => {
  const list = text.split(',').map((each) => each.trim());
  if (list.every(isOrigin)) return list;
  throw new Error('must be a comma list of origins like https://app.example.com');
};

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
