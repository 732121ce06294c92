import pg from 'pg';

/** Lists the types `date`, `timestamp` and `timestamptz`; their arrays follow. */
const DATES = [1082, 1114, 1184];
const ARRAYS_OF_DATES = [1182, 1115, 1185];

/** Matches a date in `DateStyle = ISO`, the only style that node-postgres reads. */
const ISO = /^(?:\d{4,}-\d\d-\d\d(?: .*)?|-?infinity)$/;

/** https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-ASYNC */
interface ParameterStatus {
  readonly parameterName: string;
  readonly parameterValue: string;
}

/** Reports a date in another style. node-postgres would return `null` instead, which no column contains. */
export class UnreadableDateError extends Error {
  constructor() {
    super(
      'A date was not read: the server did not write it in the style ISO. Remove SET datestyle from raw SQL, or, ' +
        "behind a pooler that does not keep it: ALTER ROLE … IN DATABASE … SET datestyle TO 'ISO'.",
    );
  }
}

/** Keeps one connection at `DateStyle = ISO`, even if the database, the login or raw SQL sets another style. */
export class DateStyle {
  private style = 'ISO';

  /** @param types the application's own parsers, which receive dates in ISO style */
  constructor(
    private readonly client: pg.Client,
    types: pg.CustomTypesConfig = pg.types,
  ) {
    // The server reports the style when the connection starts, and after each change.
    client.connection.on(
      'parameterStatus',
      ({ parameterName, parameterValue }: ParameterStatus) => {
        if (parameterName === 'DateStyle') this.style = parameterValue;
      },
    );
    const guard = (oid: number, assertReadable: (text: string) => void): void => {
      client.setTypeParser(oid, 'text', (text: string) => {
        assertReadable(text);
        return (types.getTypeParser(oid, 'text') as (value: string) => unknown)(text);
      });
    };
    for (const oid of DATES) guard(oid, assertIso);
    for (const oid of ARRAYS_OF_DATES) guard(oid, assertElementsIso);
  }

  /** Returns whether the server writes dates in ISO style, as of its last report. */
  get isIso(): boolean {
    return this.style.startsWith('ISO');
  }

  /**
   * Sets the style. Needs no round trip if the style is ISO already. It keeps the order in which the server
   * reads day and month.
   */
  async makeIso(): Promise<void> {
    if (!this.isIso) await this.client.query('SET datestyle TO ISO');
  }
}

function assertIso(text: string): void {
  if (!ISO.test(text)) throw new UnreadableDateError();
}

/** Quotes surround elements with a space. No element contains a comma, a brace or a quote. */
function assertElementsIso(text: string): void {
  for (const element of text.replaceAll(/^.*=|[{}"]/g, '').split(',')) {
    if (element !== '' && element !== 'NULL') assertIso(element);
  }
}
