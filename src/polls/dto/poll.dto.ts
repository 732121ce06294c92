import {
  ArrayMaxSize,
  IsArray,
  IsNotEmpty,
  IsOptional,
  IsString,
  MaxLength,
} from 'class-validator';
import { IsPlainText } from '../../http/is-plain-text.decorator.js';
import type { Choice } from '../choice.entity.js';
import type { Poll } from '../poll.entity.js';

/** Most choices that a poll is made with. */
const MAX_CHOICES = 100;

export class NewPoll {
  /** 1 to 100 characters. */
  @IsPlainText()
  @MaxLength(100)
  @IsNotEmpty()
  @IsString()
  question!: string;

  /** Texts of the first choices, 1 to 100 characters each. Default: none. */
  @IsPlainText({ each: true })
  @MaxLength(100, { each: true })
  @IsNotEmpty({ each: true })
  @IsString({ each: true })
  @ArrayMaxSize(MAX_CHOICES)
  @IsArray()
  @IsOptional()
  choices?: string[];
}

export class ChoiceView {
  id: number;
  choice_text: string;
  votes: number;

  constructor({ id, choiceText }: Choice) {
    this.id = id;
    this.choice_text = choiceText;
    this.votes = 0;
  }
}

export class PollView {
  id: number;
  question: string;
  /** ISO 8601, UTC. */
  pub_date: string;
  created_by: null;
  choices: ChoiceView[];

  constructor({ id, question, pubDate, choices }: Poll) {
    this.id = id;
    this.question = question;
    this.pub_date = pubDate.toISOString();
    this.created_by = null;
    this.choices = choices.map((choice) => new ChoiceView(choice));
  }
}
