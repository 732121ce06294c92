import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ERROR_CODES, type ErrorCode } from './error-codes.js';

/** A field that violates a rule. */
export class FieldProblem {
  @ApiProperty({
    description: 'Path of the field, e.g. `choices` or `choices.0.choice_text`.',
    example: 'question',
  })
  readonly field!: string;

  @ApiProperty({ description: 'The violated rule.', example: 'question must not be blank' })
  readonly message!: string;
}

/** The body of each error answer. */
export class ErrorBody {
  @ApiProperty({ description: 'The HTTP status.', example: 404 })
  readonly statusCode!: number;

  @ApiProperty({
    description: 'A stable code for programs.',
    enum: ERROR_CODES,
    example: 'NOT_FOUND',
  })
  readonly code!: ErrorCode;

  @ApiProperty({
    description: 'A message for people: the problem and the next action.',
    example: 'There is no tenant of exactly this name.',
  })
  readonly message!: string;

  @ApiPropertyOptional({
    description: 'The invalid fields, if the error concerns fields.',
    type: () => [FieldProblem],
  })
  readonly details?: readonly FieldProblem[];
}
