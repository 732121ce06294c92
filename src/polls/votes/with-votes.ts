import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { Choice } from '../choice.entity.js';
import { Vote } from './vote.entity.js';

/** Column of the count in a query's rows. */
const COUNT = 'choice_votes';

interface Row {
  /** Null for a poll without choices. */
  readonly choice_id: number | null;
  readonly [COUNT]: string;
}

/**
 * Runs a query that selects choices under the alias `choice`, with how many votes each has. They are counted
 * in the same statement, by the index on votes, for the rows of the answer only.
 *
 * @param choicesOf the choices that an entity of the query has, or is
 */
export async function withVotes<E extends ObjectLiteral>(
  query: SelectQueryBuilder<E>,
  choicesOf: (entity: E) => readonly Choice[],
): Promise<E[]> {
  const { entities, raw } = await query
    .addSelect(
      (votes) => votes.select('count(*)').from(Vote, 'vote').where('vote.choiceId = choice.id'),
      COUNT,
    )
    .getRawAndEntities<Row>();
  const counts = new Map(raw.map((row) => [row.choice_id, Number(row[COUNT])]));
  for (const choice of entities.flatMap(choicesOf)) choice.votes = counts.get(choice.id) ?? 0;
  return entities;
}
