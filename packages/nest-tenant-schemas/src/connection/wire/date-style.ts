import pg from 'pg';

/** `date`, `timestamp` and `timestamptz`, and their arrays. */
const DATES = [1082, 1114, 1184];
const ARRAYS_OF_DATES = [1182, 1115, 1185];

/** How the server writes them under `DateStyle = ISO`, the only style that node-postgres reads. */
const ISO = /^(?:\d{4,}-\d\d-\d\d(?: .*)?|-?infinity)$/;

/** https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-ASYNC */
interface ParameterStatus {
  readonly parameterName: string;
  readonly parameterValue: string;
}

/** Thrown instead of a `null` that no column holds: node-postgres makes one of a date in another style. */
export class UnreadableDateError extends Error {
  constructor() {
    super(
      'A date was not read: the server did not write it in the style ISO. Remove SET datestyle from raw SQL, or, ' +
        "behind a pooler that does not keep it: ALTER ROLE … IN DATABASE … SET datestyle TO 'ISO'.",
    );
  }
}

/** Keeps one connection at `DateStyle = ISO`, whatever the database, the login or raw SQL says. */
export class DateStyle {
  private style = 'ISO';

  /** @param types parsers of the application's own, which get what is in the style ISO */
  constructor(
    private readonly client: pg.Client,
    types: pg.CustomTypesConfig = pg.types,
  ) {
    // The server reports the style when the connection starts, and after each statement that changed it.
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

  /** Whether the server writes dates in the style ISO, as far as it has answered. */
  get isIso(): boolean {
    return this.style.startsWith('ISO');
  }

  /**
   * Sets the style, without a round trip if it is ISO already. The order in which the server reads the day and the
   * month stays that of the database.
   */
  async makeIso(): Promise<void> {
    if (!this.isIso) await this.client.query('SET datestyle TO ISO');
  }
}

function assertIso(text: string): void {
  if (!ISO.test(text)) throw new UnreadableDateError();
}

/** Elements with a space are in quotes; none has a comma, a brace or a quote of its own. */
function assertElementsIso(text: string): void {
  for (const element of text.replaceAll(/^.*=|[{}"]/g, '').split(',')) {
    if (element !== '' && element !== 'NULL') assertIso(element);
  }
}
