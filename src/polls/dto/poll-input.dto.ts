import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray } from 'class-validator';
import { IfGiven } from '../../http/validation/if-given.decorator.js';
import { IsShortText, MAX_SHORT_TEXT } from '../../http/validation/is-short-text.decorator.js';

/** Maximum number of choices of a poll. A page of polls contains all choices of its polls. */
export const MAX_CHOICES = 100;

const TEXT = { minLength: 1, maxLength: MAX_SHORT_TEXT } as const;

const QUESTION = {
  ...TEXT,
  description: 'The question. It must not be blank.',
  example: 'Tea or coffee?',
};

/** A new poll. */
export class NewPoll {
  /** 1 to 100 characters. */
  @ApiProperty(QUESTION)
  @IsShortText()
  question!: string;

  /** Texts of the first choices, 1 to 100 characters each. Default: none. */
  @ApiPropertyOptional({
    description: 'Texts of the first choices, in this order. Default: none.',
    type: 'array',
    items: { type: 'string', ...TEXT },
    maxItems: MAX_CHOICES,
    example: ['Tea', 'Coffee'],
  })
  @IsShortText({ each: true })
  @ArrayMaxSize(MAX_CHOICES)
  @IsArray()
  @IfGiven()
  choices?: string[];
}

/**
 * Replacement of a poll. It does not contain the choices, which have their own routes. A list of new texts would not define
 * which choices keep their votes.
 */
export class PollReplacement {
  /** 1 to 100 characters. */
  @ApiProperty(QUESTION)
  @IsShortText()
  question!: string;
}

/** Fields of a poll to change. The others stay as they are. */
export class PollChange {
  /** 1 to 100 characters. */
  @ApiPropertyOptional(QUESTION)
  @IsShortText()
  @IfGiven()
  question?: string;
}

/** A new choice of a poll. */
export class NewChoice {
  /** 1 to 100 characters. */
  @ApiProperty({
    ...TEXT,
    description: 'The text of the choice. It must not be blank.',
    example: 'Milk',
  })
  @IsShortText()
  choice_text!: string;
}
