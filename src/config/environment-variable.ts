/** Turns the text of a variable into its value, or throws an Error whose message is the rule. */
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

/** A `postgres://` address that names a database. */
export const postgresUrl: Parse<string> = (text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || url.pathname.length < 2) {
    throw new Error('must be an address like postgres://user:password@host:5432/database');
  }
  return text;
};

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A time in seconds: a whole number of seconds, minutes, hours or days, e.g. `90s`, `12h`; without a unit, of seconds. */
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

/** Values between commas; spaces around them do not count. */
export function listOf(pattern: RegExp, rule: string): Parse<readonly string[]> {
  return (text) => {
    const values = text.split(',').map((value) => value.trim());
    if (!values.every((value) => pattern.test(value))) throw new Error(rule);
    return values;
  };
}
