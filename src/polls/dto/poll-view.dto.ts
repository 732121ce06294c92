import { ApiProperty } from '@nestjs/swagger';
import type { Choice } from '../choice.entity.js';
import type { Poll } from '../poll.entity.js';

/** A choice of a poll. */
export class ChoiceView {
  @ApiProperty({ type: 'integer', example: 1 })
  id: number;

  @ApiProperty({ example: 'Tea' })
  choice_text: string;

  @ApiProperty({ type: 'integer', description: 'Number of votes.', example: 0 })
  votes: number;

  constructor({ id, choiceText, votes }: Choice) {
    this.id = id;
    this.choice_text = choiceText;
    this.votes = votes;
  }
}

/** A poll with its choices. */
export class PollView {
  @ApiProperty({ type: 'integer', example: 1 })
  id: number;

  @ApiProperty({ example: 'Tea or coffee?' })
  question: string;

  /** ISO 8601, UTC. It never changes. */
  @ApiProperty({
    description: 'Time of creation. It never changes.',
    format: 'date-time',
    example: '2026-01-31T09:30:00.000Z',
  })
  pub_date: string;

  /** Null for a poll that was created without a login, or whose creator was deleted. */
  @ApiProperty({
    description: 'The creator. Null if the request had no token, or if the user was deleted.',
    type: 'object',
    nullable: true,
    required: ['id', 'username'],
    properties: { id: { type: 'integer' }, username: { type: 'string' } },
    example: { id: 1, username: 'ada' },
  })
  created_by: { id: number; username: string } | null;

  /** Oldest first. */
  @ApiProperty({ description: 'The choices, oldest first.', type: [ChoiceView] })
  choices: ChoiceView[];

  constructor({ id, question, pubDate, createdBy, choices }: Poll) {
    this.id = id;
    this.question = question;
    this.pub_date = pubDate.toISOString();
    this.created_by = createdBy && { id: createdBy.id, username: createdBy.username };
    this.choices = choices.map((choice) => new ChoiceView(choice));
  }
}
