import { ApiProperty } from '@nestjs/swagger';
import type { Choice } from '../choice.entity.js';
import type { Poll } from '../poll.entity.js';

/** A choice of a poll. */
export class ChoiceView {
  @ApiProperty({ type: 'integer', example: 1 })
  id: number;

  @ApiProperty({ example: 'Tea' })
  choice_text: string;

  @ApiProperty({ type: 'integer', description: 'How many chose it.', example: 0 })
  votes: number;

  constructor({ id, choiceText }: Choice) {
    this.id = id;
    this.choice_text = choiceText;
    this.votes = 0;
  }
}

/** A poll with its choices. */
export class PollView {
  @ApiProperty({ type: 'integer', example: 1 })
  id: number;

  @ApiProperty({ example: 'Tea or coffee?' })
  question: string;

  /** ISO 8601, UTC. Set once. */
  @ApiProperty({
    description: 'When it was made; never changes.',
    format: 'date-time',
    example: '2026-01-31T09:30:00.000Z',
  })
  pub_date: string;

  /** Nobody, as long as the application has no users. */
  @ApiProperty({ type: 'object', additionalProperties: false, nullable: true, example: null })
  created_by: null;

  /** In the order in which they were added. */
  @ApiProperty({ description: 'In the order in which they were added.', type: [ChoiceView] })
  choices: ChoiceView[];

  constructor({ id, question, pubDate, choices }: Poll) {
    this.id = id;
    this.question = question;
    this.pub_date = pubDate.toISOString();
    this.created_by = null;
    this.choices = choices.map((choice) => new ChoiceView(choice));
  }
}
