import { applyDecorators } from '@nestjs/common';
import { IsString, Matches, ValidateBy, type ValidationOptions } from 'class-validator';
import { IsPlainText } from './is-plain-text.decorator.js';

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
    IsShort(options),
    IsPlainText(options),
  );

/**
 * Counts as PostgreSQL's `varchar(100)` does, by code points. class-validator's `@MaxLength()` leaves
 * variation selectors out, and would let through what the column then refuses.
 */
const IsShort = (options?: ValidationOptions): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isShort',
      validator: {
        validate: (value: unknown) =>
          typeof value === 'string' && Array.from(value).length <= MAX_SHORT_TEXT,
        defaultMessage: (args) =>
          `${args?.property} must be at most ${MAX_SHORT_TEXT} characters long`,
      },
    },
    options,
  );
