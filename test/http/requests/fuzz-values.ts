// Random inputs for an operation: bodies that its schema allows, and bodies that are wrong by one thing.
import fc from 'fast-check';

/** The parts of a schema of a request that this application's document uses. */
export interface InputSchema {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly nullable?: boolean;
  readonly items?: InputSchema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, InputSchema>>;
}

/** Text at the limits, beyond them, and of what cannot be stored. */
const oddText = (limit: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(
      '',
      ' ',
      '\t\n',
      '\u0000',
      'a\u0000b',
      '\ud800',
      'a\udc00',
      '\u200b',
      '%',
      "';--",
    ),
    fc.constantFrom(limit - 1, limit, limit + 1, 2 * limit).map((length) => 'ä'.repeat(length)),
    fc.string({ unit: 'binary', maxLength: limit + 1 }),
    fc.string({ unit: 'grapheme', maxLength: limit + 1 }),
  );

/** Anything that JSON can say. */
const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, true, 0, -1, 1e308, 2_147_483_648, '', [], {}, [[]], { a: 1 }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Values that the schema allows, as far as it says it. */
export function allowed(schema: InputSchema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.nullable) return fc.oneof(fc.constant(null), allowed({ ...schema, nullable: false }));
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'array') {
    return fc.array(allowed(schema.items ?? {}), { maxLength: Math.min(schema.maxItems ?? 5, 5) });
  }
  if (schema.type === 'object') return objectOf(schema);
  return text(schema);
}

function text({
  format,
  pattern,
  minLength = 1,
  maxLength = 100,
}: InputSchema): fc.Arbitrary<string> {
  if (format === 'date')
    return fc
      .date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
  if (format === 'email')
    return fc.integer({ min: 0, max: 1e9 }).map((number) => `u${number}@example.com`);
  const alphabet = pattern === undefined ? 'aä😀 ' : 'abcxyz0189';
  const body = fc.string({ unit: fc.constantFrom(...alphabet), maxLength: maxLength - 2 });
  return body.map((middle) => `q${middle}z`.padEnd(minLength, 'z'));
}

function objectOf({
  properties = {},
  required = [],
}: InputSchema): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, allowed(schema)]),
  );
  return fc.record(fields, { requiredKeys: [...required] });
}

/** Bodies that are wrong by one thing: a field of another type or at a limit, one that is missing, one too many. */
export function wrongByOne(schema: InputSchema): fc.Arbitrary<unknown> {
  const { properties = {} } = schema;
  const names = Object.keys(properties);
  const change = fc.oneof(
    fc.record({
      name: fc.constantFrom(...names),
      value: fc.oneof(anything, oddText(100), oddText(63)),
    }),
    fc.record({
      name: fc.constantFrom(
        'id',
        'role',
        'constructor',
        'prototype',
        '__proto__',
        'toString',
        'a\u0000',
      ),
      value: anything,
    }),
  );
  const changed = fc.tuple(objectOf(schema), change).map(([body, { name, value }]) => {
    // As JSON.parse does, also for __proto__, which an assignment would set.
    Object.defineProperty(body, name, { value, enumerable: true, configurable: true });
    return body;
  });
  const missing = fc
    .tuple(objectOf(schema), fc.constantFrom(...names))
    .map(([body, name]) =>
      Object.fromEntries(Object.entries(body).filter(([key]) => key !== name)),
    );
  return fc.oneof(changed, changed, missing, anything);
}
