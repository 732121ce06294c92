import { applyDecorators } from '@nestjs/common';
import { IsString, Matches, type ValidationOptions } from 'class-validator';
import { IsPlainText } from './is-plain-text.decorator.js';
import { MaxCharacters } from './max-characters.decorator.js';

/** Most characters of names, questions and choices; their columns hold no more. */
export const MAX_SHORT_TEXT = 100;

/** Something to see: neither white space nor characters that only format. */
const VISIBLE = /[^\s\p{Z}\p{Cc}\p{Cf}]/u;

/**
 * Validates a name, a question or a choice: 1 to 100 characters, kept as they are, not all blank,
 * and none that cannot be stored or shown. The first rule that is broken is told.
 */
export const IsShortText = (options?: Pick<ValidationOptions, 'each'>): PropertyDecorator =>
  applyDecorators(
    IsString(options),
    Matches(VISIBLE, { ...options, message: '$property must not be blank' }),
    MaxCharacters(MAX_SHORT_TEXT, options),
    IsPlainText(options),
  );
