import { ApiProperty } from '@nestjs/swagger';
import type { Poll } from '../poll.entity.js';
import { ChoiceView } from './poll-view.dto.js';

/** Results of a poll: the votes of each choice. */
export class PollResults {
  @ApiProperty({ type: 'integer', example: 1 })
  id: number;

  @ApiProperty({ example: 'Tea or coffee?' })
  question: string;

  @ApiProperty({ type: 'integer', description: 'Number of votes of all choices.', example: 0 })
  total_votes: number;

  /** Oldest first. */
  @ApiProperty({ description: 'The choices, oldest first.', type: [ChoiceView] })
  choices: ChoiceView[];

  constructor({ id, question, choices }: Poll) {
    this.id = id;
    this.question = question;
    this.choices = choices.map((choice) => new ChoiceView(choice));
    this.total_votes = this.choices.reduce((total, { votes }) => total + votes, 0);
  }
}
