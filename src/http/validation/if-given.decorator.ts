import { ValidateIf } from 'class-validator';

/** Validates a field unless it is undefined. `@IsOptional()` would also accept null. */
export const IfGiven = (): PropertyDecorator =>
  ValidateIf((_input: unknown, value: unknown) => value !== undefined);
