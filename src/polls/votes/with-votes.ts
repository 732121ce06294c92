import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { Choice } from '../choice.entity.js';
import { Vote } from './vote.entity.js';

/** Alias of the number of votes in the rows of a query. */
const COUNT = 'choice_votes';

interface Row {
  /** Null for a poll without choices. */
  readonly choice_id: number | null;
  readonly [COUNT]: string;
}

/**
 * Runs a query that selects choices with the alias `choice`, and sets their numbers of votes. The same statement counts the
 * votes of the selected choices, with the index on votes.
 *
 * @param choicesOf returns the choices of an entity of the query
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
