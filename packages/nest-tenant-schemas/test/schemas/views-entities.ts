// A stored generated column, a view over its table and a materialized view, as entities.
import { type DataSource, EntitySchema, Index, ViewColumn, ViewEntity } from 'typeorm';
import type { Row } from './generate-entities.js';

const T = '"__tenant__"';

export const person = new EntitySchema<Row>({
  name: 'Person',
  tableName: 'people',
  columns: {
    id: { type: Number, primary: true, generated: 'increment' },
    first: { type: 'text' },
    last: { type: 'text' },
    name: { type: 'text', generatedType: 'STORED', asExpression: `first || ' ' || last` },
  },
});

/** Its text is made by a query builder, which names what it reads by the placeholder. */
export const namesake = new EntitySchema<Row>({
  name: 'Namesake',
  tableName: 'namesakes',
  type: 'view',
  expression: (dataSource: DataSource) =>
    dataSource
      .createQueryBuilder()
      .select('person.last', 'last')
      .addSelect('count(*)', 'people')
      .from('Person', 'person')
      .groupBy('person.last'),
  columns: { last: { type: 'text' }, people: { type: Number } },
});

@ViewEntity({
  name: 'roster',
  materialized: true,
  expression: `SELECT id, 'it''s \\ ' || name AS line FROM ${T}.people`,
})
export class Roster {
  @Index('roster_id', { unique: true })
  @ViewColumn()
  id!: number;

  @ViewColumn()
  line!: string;
}

@ViewEntity({
  name: 'roster',
  materialized: true,
  expression: `SELECT id, name AS line FROM ${T}.people`,
})
export class ShorterRoster extends Roster {}

export const ENTITIES = [person, namesake, Roster];
