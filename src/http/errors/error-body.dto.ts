import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ERROR_CODES, type ErrorCode } from './error-codes.js';

/** A field that broke a rule, as answers list it. */
export class FieldProblem {
  @ApiProperty({
    description: 'Path of the field, e.g. `choices` or `choices.0.choice_text`.',
    example: 'question',
  })
  readonly field!: string;

  @ApiProperty({ description: 'Which rule it broke.', example: 'question must not be blank' })
  readonly message!: string;
}

/** The body of every error answer. */
export class ErrorBody {
  @ApiProperty({ description: 'The status of the answer.', example: 404 })
  readonly statusCode!: number;

  @ApiProperty({ description: 'For programs: stable.', enum: ERROR_CODES, example: 'NOT_FOUND' })
  readonly code!: ErrorCode;

  @ApiProperty({
    description: 'For people: what was wrong and what to do.',
    example: 'There is no tenant of exactly this name.',
  })
  readonly message!: string;

  @ApiPropertyOptional({
    description: 'The fields that were wrong, where the fault is with fields.',
    type: () => [FieldProblem],
  })
  readonly details?: readonly FieldProblem[];
}
