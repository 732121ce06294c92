import { ValidateIf } from 'class-validator';

/** Validates a field that may be left out, and so is undefined. `@IsOptional()` lets null through as well. */
export const IfGiven = (): PropertyDecorator =>
  ValidateIf((_input: unknown, value: unknown) => value !== undefined);
