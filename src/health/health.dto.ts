import { ApiProperty } from '@nestjs/swagger';

const CHECK = {
  type: 'object',
  properties: {
    status: { type: 'string', enum: ['up'], example: 'up' },
    responseTime: { type: 'integer', description: 'Milliseconds.', example: 2 },
  },
};

/** The process runs. */
export class Liveness {
  @ApiProperty({ type: 'string', enum: ['ok'], example: 'ok' })
  readonly status = 'ok';
}

/** Every part that requests need is there. What is not is told by an error answer. */
export class Readiness {
  @ApiProperty({ type: 'string', enum: ['ok'], example: 'ok' })
  readonly status = 'ok';

  @ApiProperty({
    description: 'Each part that was asked.',
    type: 'object',
    additionalProperties: CHECK,
    example: { database: { status: 'up', responseTime: 2 } },
  })
  readonly details: object;

  constructor(details: object) {
    this.details = details;
  }
}
