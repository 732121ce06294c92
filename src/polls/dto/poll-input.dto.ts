import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray } from 'class-validator';
import { IfGiven } from '../../http/validation/if-given.decorator.js';
import { IsShortText, MAX_SHORT_TEXT } from '../../http/validation/is-short-text.decorator.js';

/** Most choices of a poll: every page of polls has all of them. */
export const MAX_CHOICES = 100;

const TEXT = { minLength: 1, maxLength: MAX_SHORT_TEXT } as const;

const QUESTION = { ...TEXT, description: 'What is asked; not blank.', example: 'Tea or coffee?' };

/** A new poll. */
export class NewPoll {
  /** 1 to 100 characters. */
  @ApiProperty(QUESTION)
  @IsShortText()
  question!: string;

  /** Texts of the first choices, 1 to 100 characters each. Default: none. */
  @ApiPropertyOptional({
    description: 'Texts of the first choices, in their order. Left out: none.',
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
 * What replaces a poll's own text. Choices have routes of their own, and are no part of it: they carry
 * votes, which a list of texts would not say what to do with.
 */
export class PollReplacement {
  /** 1 to 100 characters. */
  @ApiProperty(QUESTION)
  @IsShortText()
  question!: string;
}

/** What changes in a poll; what is not given stays. */
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
  @ApiProperty({ ...TEXT, description: 'What can be chosen; not blank.', example: 'Milk' })
  @IsShortText()
  choice_text!: string;
}
