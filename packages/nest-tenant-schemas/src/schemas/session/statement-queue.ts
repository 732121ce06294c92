import type pg from 'pg';
import { replacePlaceholder } from '../../core/names/schema-placeholder.js';
import { POSTGRES_ERROR } from '../../core/postgres-error-codes.js';
import { joinStatements, statementAt } from '../../core/sql/statement-batch.js';
import type { SchemaTarget } from '../catalog/schema-target.js';
import type { TransactionWatch } from './transaction-watch.js';

/** Describes a queued statement and its migration. */
interface WaitingStatement {
  readonly text: string;
  readonly migration: string | undefined;
}

/** Queues statements of a session for the next message. After a message has failed, no other message follows. */
export class StatementQueue {
  /** The migration of statements that are added now. */
  migration: string | undefined;
  /** The migration with a syntax error, if that failed the message. The server parses a message as a whole. */
  unparsed: string | undefined;
  private readonly waiting: WaitingStatement[] = [];
  private failure: { readonly error: unknown } | undefined;

  /**
   * @param watch pauses while a message runs, because the queue may end transactions
   * @param log receives each message
   */
  constructor(
    private readonly client: pg.PoolClient,
    private readonly target: SchemaTarget,
    private readonly watch: TransactionWatch,
    private readonly log: (text: string) => void,
  ) {}

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  add(...statements: readonly string[]): void {
    for (const text of statements) this.waiting.push({ text, migration: this.migration });
  }

  /** Sends the queued statements, and these after them, in one message. Returns a result for each. */
  async flush(...statements: readonly string[]): Promise<pg.QueryResult[]> {
    this.assertDone();
    this.add(...statements);
    const sent = this.waiting.splice(0);
    if (sent.length === 0) return [];
    const text = joinStatements(sent.map((statement) => statement.text));
    this.log(text);
    const resume = this.watch.pause();
    try {
      const answers = (await this.client.query(text)) as unknown as
        pg.QueryResult | pg.QueryResult[];
      return Array.isArray(answers) ? answers : [answers];
    } catch (error) {
      this.failure = { error };
      this.unparsed = this.migrationAt(sent, error);
      throw error;
    } finally {
      resume();
    }
  }

  /** Throws the error of the message that failed, if one did. */
  assertDone(): void {
    if (this.failure) throw this.failure.error;
  }

  /** Drops the queued statements and the failure. */
  clear(): void {
    this.waiting.length = 0;
    this.failure = undefined;
  }

  private migrationAt(sent: readonly WaitingStatement[], error: unknown): string | undefined {
    const { code, position } = error as { code?: unknown; position?: string };
    if (code !== POSTGRES_ERROR.syntaxError || position === undefined) return undefined;
    const texts = sent.map(({ text }) => replacePlaceholder(text, this.target.schema));
    return sent[statementAt(texts, Number(position))]?.migration;
  }
}
