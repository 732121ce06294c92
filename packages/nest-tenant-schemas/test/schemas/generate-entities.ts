// Entities with every kind of column and relation, and what has become of them in another state.
import { EntitySchema } from 'typeorm';

export type Row = Record<string, unknown>;

export const COMMENT = "it's `the` ${question}, C:\\new\r\nof two lines";

/** Shared: tenants refer to it. */
export const country = new EntitySchema<Row>({
  name: 'Country',
  schema: 'public',
  tableName: 'countries',
  columns: {
    code: { type: 'varchar', length: 2, primary: true },
    name: { type: 'text', unique: true },
  },
});

export const tag = new EntitySchema<Row>({
  name: 'Tag',
  tableName: 'tags',
  columns: {
    id: { type: Number, primary: true, generated: 'increment' },
    label: { type: 'text' },
  },
});

export const survey = new EntitySchema<Row>({
  name: 'Survey',
  tableName: 'surveys',
  columns: {
    id: { type: 'uuid', primary: true, generated: 'uuid' },
    slug: { type: 'text', unique: true },
    question: { type: 'text', comment: COMMENT },
    status: { type: 'enum', enum: ['draft', 'open'] },
    createdAt: { type: 'timestamptz', createDate: true },
  },
  indices: [{ columns: ['createdAt', 'slug'] }],
  relations: {
    country: { type: 'many-to-one', target: 'Country', nullable: true },
    tags: { type: 'many-to-many', target: 'Tag', joinTable: true },
  },
});

export const answer = new EntitySchema<Row>({
  name: 'Answer',
  tableName: 'answers',
  columns: {
    id: { type: Number, primary: true, generated: 'increment' },
    text: { type: 'varchar', length: 200 },
  },
  relations: {
    survey: { type: 'many-to-one', target: 'Survey', onDelete: 'CASCADE', nullable: false },
  },
});

/** Another state, a column more and one that is longer. */
export const answerChanged = new EntitySchema<Row>({
  ...answer.options,
  columns: { ...answer.options.columns, text: { type: 'text' }, weight: { type: Number } },
});
export const surveyChanged = new EntitySchema<Row>({
  ...survey.options,
  columns: {
    ...survey.options.columns,
    status: { type: 'enum', enum: ['draft', 'open', 'closed'] },
    closesAt: { type: 'timestamptz', nullable: true },
  },
  indices: [...(survey.options.indices ?? []), { columns: ['createdAt'] }],
});
export const countryChanged = new EntitySchema<Row>({
  ...country.options,
  columns: { ...country.options.columns, flag: { type: 'text', nullable: true } },
});

export const ENTITIES = [country, tag, survey, answer];
