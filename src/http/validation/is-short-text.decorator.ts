import { applyDecorators } from '@nestjs/common';
import { IsString, Matches, type ValidationOptions } from 'class-validator';
import { IsPlainText } from './is-plain-text.decorator.js';
import { MaxCharacters } from './max-characters.decorator.js';

/** Maximum number of characters of names, questions and choices, as in their columns. */
export const MAX_SHORT_TEXT = 100;

/** Matches a visible character: neither white space nor a formatting character. */
const VISIBLE = /[^\s\p{Z}\p{Cc}\p{Cf}]/u;

/**
 * Validates a name, a question or a choice: 1 to 100 characters, not blank, and without control characters. It does not trim
 * the text. The error names the first violated rule.
 */
export const IsShortText = (options?: Pick<ValidationOptions, 'each'>): PropertyDecorator =>
  applyDecorators(
    IsString(options),
    Matches(VISIBLE, { ...options, message: '$property must not be blank' }),
    MaxCharacters(MAX_SHORT_TEXT, options),
    IsPlainText(options),
  );
