// The deletion of a tenant drops nothing outside of its schema. It is rejected with the names of the other objects, and changes
// nothing. With `cascade` it drops them, too. Dependencies within the schema are not an obstacle.
import type { DataSource } from 'typeorm';
import { DropBlockedError, SchemaDropper } from 'nest-tenant-schemas';
import { everything } from '../schemas/clone/clone-support.js';
import { migration, newClient, openSchemas, schemasOf, traces } from '../schemas/support.js';
import { beforeStatements } from '../support/sent-statements.js';
import { Observer, type TestDatabase, withDatabase } from 'test-support/test-database.js';
import { testServer } from 'test-support/test-server.js';

type Client = ReturnType<typeof newClient>;

const T = '"__tenant__"';
const HISTORY = [
  migration(
    1,
    `CREATE TABLE ${T}.p (id int PRIMARY KEY, day int)`,
    `CREATE TYPE ${T}.mood AS ENUM ('good')`,
    `CREATE TYPE ${T}.pair AS (a int, b int)`,
    `CREATE DOMAIN ${T}.zip AS text`,
    `CREATE SEQUENCE ${T}.numbers`,
    `CREATE TABLE ${T}.parted (id int) PARTITION BY LIST (id)`,
    `CREATE FUNCTION ${T}.f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1'`,
    `CREATE FUNCTION ${T}.t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
  ),
];

let database: TestDatabase;
let superuser: Observer;
let dataSource: DataSource;
let a: Client;

beforeAll(async () => {
  ({ database, dataSource } = await openSchemas());
  superuser = new Observer(withDatabase(testServer().superuserUrl, database.name));
});

beforeEach(async () => {
  a = newClient('a');
  for (const client of [a, newClient('b')]) {
    await schemasOf(dataSource, HISTORY).provisioner.create(client);
  }
  await superuser.sql('CREATE SCHEMA other; GRANT ALL ON SCHEMA other TO PUBLIC');
});

afterEach(async () => {
  jest.restoreAllMocks();
  await superuser.sql(
    'DROP SCHEMA IF EXISTS a, b, other, whole CASCADE; DROP PUBLICATION IF EXISTS z; DELETE FROM public.clients',
  );
});

afterAll(async () => {
  await superuser.end();
  await dataSource.destroy();
  await database.drop();
});

const dropper = (options = {}) =>
  new SchemaDropper(dataSource, schemasOf(dataSource, []).registry, options);

/** What is in the database, object by object. */
const objects = (): Promise<unknown[]> =>
  superuser.sql(
    `SELECT i.type, i.identity FROM (SELECT DISTINCT classid, objid, objsubid FROM pg_depend) AS d,
       pg_identify_object(d.classid, d.objid, d.objsubid) AS i
     WHERE i.identity ~ '(^| )(a|b|other)[.]' ORDER BY 1, 2`,
  );

const FOREIGN_KEY = 'CREATE TABLE b.ref (id int CONSTRAINT ref_fkey REFERENCES a.p)';

it.each([
  [
    'a view',
    'CREATE VIEW other.v AS SELECT id FROM a.p UNION ALL SELECT id FROM b.p',
    ['view other.v'],
  ],
  [
    'views upon views',
    'CREATE VIEW other.v AS SELECT id FROM a.p; CREATE MATERIALIZED VIEW b.w AS SELECT id FROM other.v',
    ['materialized view b.w', 'view other.v'],
  ],
  ['a foreign key', FOREIGN_KEY, ['table constraint ref_fkey on b.ref']],
  [
    'the keys of partitions',
    `CREATE TABLE b.days (id int CONSTRAINT k REFERENCES a.p) PARTITION BY LIST (id);
     CREATE TABLE b.day PARTITION OF b.days FOR VALUES IN (1)`,
    ['table constraint k on b.days'],
  ],
  ['a column of an enum', 'CREATE TABLE b.c (x a.mood, y int)', ['table column b.c.x']],
  ['a column of an array', 'CREATE TABLE b.c (x a.mood[])', ['table column b.c.x']],
  ['a column of a domain', 'CREATE TABLE b.c (x a.zip)', ['table column b.c.x']],
  ['a column of a row type', 'CREATE TABLE b.c (x a.p)', ['table column b.c.x']],
  ['a domain', 'CREATE DOMAIN other.d AS a.zip', ['type other.d']],
  [
    'a default',
    `CREATE TABLE b.c (x int DEFAULT nextval('a.numbers'))`,
    ['default value for b.c.x'],
  ],
  [
    'a check',
    'CREATE TABLE b.c (x int CONSTRAINT k CHECK (a.f(x) > 0))',
    ['table constraint k on b.c'],
  ],
  ['an index', 'CREATE TABLE b.c (x int); CREATE INDEX i ON b.c (a.f(x))', ['index b.i']],
  [
    'a trigger',
    'CREATE TABLE b.c (); CREATE TRIGGER g BEFORE INSERT ON b.c FOR EACH ROW EXECUTE FUNCTION a.t()',
    ['trigger g on b.c'],
  ],
  [
    'a policy',
    'CREATE TABLE b.c (x int); CREATE POLICY y ON b.c USING (a.f(x) > 0)',
    ['policy y on b.c'],
  ],
  [
    'a rule',
    'CREATE TABLE b.c (x int); CREATE RULE r AS ON INSERT TO b.c DO ALSO INSERT INTO a.p VALUES (new.x)',
    ['rule r on b.c'],
  ],
  [
    'functions',
    `CREATE FUNCTION other.g(a.pair) RETURNS int LANGUAGE sql AS 'SELECT 1';
     CREATE FUNCTION other.h() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM a.p; END`,
    ['function other.g(a.pair)', 'function other.h()'],
  ],
  ['a table that inherits', 'CREATE TABLE b.c () INHERITS (a.p)', ['table b.c']],
  ['a partition', 'CREATE TABLE b.c PARTITION OF a.parted FOR VALUES IN (1)', ['table b.c']],
  ['a table of a type', 'CREATE TABLE b.c OF a.pair', ['table b.c']],
  [
    'an aggregate',
    'CREATE FUNCTION a.s(int, int) RETURNS int LANGUAGE sql AS $$SELECT 1$$; CREATE AGGREGATE other.g(int) (SFUNC = a.s, STYPE = int)',
    ['aggregate other.g(integer)'],
  ],
  ['statistics', 'CREATE STATISTICS other.s ON id, day FROM a.p', ['statistics object other.s']],
])('is refused for %s, which it names', async (_what, statements, expected) => {
  await superuser.sql(statements);
  const before = await objects();
  for (const options of [{}, { maxLocks: 1 }]) {
    const failure = await dropper(options)
      .drop(a)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DropBlockedError);
    expect(failure).toMatchObject({ block: { objects: expected }, left: 'whole' });
    expect((failure as Error).message).toContain(`depend on it: ${expected.join(', ')}. Drop`);
    expect(await objects()).toEqual(before);
    expect(await traces(database)).toEqual([
      'row a',
      'row b',
      'schema a',
      'schema b',
      'schema other',
    ]);
  }
  await dropper({ cascade: true }).drop(a);
  expect(await traces(database)).toEqual(['row b', 'schema b', 'schema other']);
});

it.each([{}, { maxLocks: 40 }])(
  'takes all that is the schema’s own, and what only refers to others: %j',
  async (options) => {
    const client = newClient('whole');
    await schemasOf(dataSource, everything).provisioner.create(client);
    await database.sql(`
      CREATE TABLE whole.refers (id int REFERENCES b.p, x b.mood DEFAULT 'good', n int DEFAULT nextval('b.numbers'));
      CREATE TABLE whole.part PARTITION OF b.parted FOR VALUES IN (7);
      CREATE TABLE whole.heir () INHERITS (b.p);
      CREATE VIEW whole.of_b AS SELECT id FROM b.p;
      CREATE TRIGGER g BEFORE INSERT ON whole.refers FOR EACH ROW EXECUTE FUNCTION b.t();
      CREATE TYPE whole.kind AS ENUM ('x');
      CREATE FUNCTION whole.to_int(whole.kind) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
      CREATE CAST (whole.kind AS int) WITH FUNCTION whole.to_int(whole.kind);
      CREATE TABLE whole.parted (id int PRIMARY KEY) PARTITION BY LIST (id);
      CREATE TABLE whole.parted_1 PARTITION OF whole.parted FOR VALUES IN (1);
      CREATE TABLE whole.key (id int REFERENCES whole.parted, x whole.kind, y whole.kind[]);
      CREATE PUBLICATION z FOR TABLE whole.key`);
    await dropper(options).drop(client);
    expect(await traces(database)).toEqual([
      'row a',
      'row b',
      'schema a',
      'schema b',
      'schema other',
    ]);
    await dropper(options).drop(a);
  },
);

describe('an extension', () => {
  beforeEach(() => superuser.sql('CREATE EXTENSION citext SCHEMA a'));
  afterEach(() => superuser.sql('DROP EXTENSION IF EXISTS citext CASCADE'));

  it('goes with the schema that it is in if nothing depends on it', async () => {
    await superuser.sql('CREATE TABLE a.c (name a.citext)');
    await dropper().drop(a);
    expect(await superuser.sql(`SELECT FROM pg_extension WHERE extname = 'citext'`)).toEqual([]);
  });

  it('keeps the schema, for the columns of others, with their indexes', async () => {
    await superuser.sql(`CREATE TABLE b.c (name a.citext, id int); INSERT INTO b.c VALUES ('x', 1);
      CREATE INDEX i ON b.c (id) WHERE 'x' OPERATOR(a.=) name`);
    await expect(dropper().drop(a)).rejects.toMatchObject({
      block: { objects: ['table column b.c.name'] },
    });
    expect(await superuser.sql('SELECT * FROM b.c')).toEqual([{ name: 'x', id: 1 }]);
  });
});

it('goes on by steps from where something outside stopped it', async () => {
  const options = { maxLocks: 12 };
  let isMade = false;
  beforeStatements(/^DROP (?:VIEW|TABLE|SEQUENCE)/, async () => {
    if (!isMade) await superuser.sql('CREATE TABLE b.c (x a.mood)');
    isMade = true;
  });
  await expect(dropper(options).drop(a)).rejects.toMatchObject({
    left: 'half dropped',
    block: { objects: ['table column b.c.x'] },
  });
  expect(await traces(database)).toEqual(['row b', 'schema a', 'schema b', 'schema other']);
  await expect(dropper(options).dropOrphan('a')).rejects.toThrow(DropBlockedError);
  expect(await superuser.sql('SELECT x FROM b.c')).toEqual([]);
  await superuser.sql('DROP TABLE b.c');
  await dropper(options).dropOrphan('a');
  expect(await traces(database)).toEqual(['row b', 'schema b', 'schema other']);
});
