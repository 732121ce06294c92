import { ApiProperty } from '@nestjs/swagger';

const CHECK = {
  type: 'object',
  properties: {
    status: { type: 'string', enum: ['up'], example: 'up' },
    responseTime: { type: 'integer', description: 'Milliseconds.', example: 2 },
  },
};

/** Answer of a running process. */
export class Liveness {
  @ApiProperty({ type: 'string', enum: ['ok'], example: 'ok' })
  readonly status = 'ok';
}

/** Answer of a server that can serve requests. Otherwise an error answer names the part that is down. */
export class Readiness {
  @ApiProperty({ type: 'string', enum: ['ok'], example: 'ok' })
  readonly status = 'ok';

  @ApiProperty({
    description: 'Each checked part.',
    type: 'object',
    additionalProperties: CHECK,
    example: { database: { status: 'up', responseTime: 2 } },
  })
  readonly details: object;

  constructor(details: object) {
    this.details = details;
  }
}
