// Error answers for errors of the engine, of Nest and of Fastify. Internal errors have none.
import {
  BadRequestException,
  ForbiddenException,
  HttpException,
  InternalServerErrorException,
  NotFoundException,
} from '@nestjs/common';
import { QueryFailedError } from 'typeorm';
import {
  HTTP_STATUS_OF_TENANCY_ERROR,
  OperationRefusedError,
  DropBlockedError,
  SchemaNameInvalidError,
  StatementOutdatedError,
  TenantConflictError,
  TenantHeaderMissingError,
  TenantNotFoundError,
} from 'nest-tenant-schemas';
import { ERROR_STATUS } from './error-codes.js';
import { errorBody, errorResponse } from './error-response.js';

it.each([
  [new TenantHeaderMissingError('X-Tenant'), 400, 'TENANT_HEADER_MISSING'],
  [new TenantNotFoundError(), 404, 'TENANT_NOT_FOUND'],
  [new TenantConflictError('schema "a"'), 409, 'CONFLICT'],
  [new DropBlockedError('a', { objects: ['view b.v'] }, 'half dropped'), 409, 'CONFLICT'],
  [new SchemaNameInvalidError('must not be empty'), 400, 'VALIDATION_FAILED'],
])('answers the engine’s %s by its code', (error, statusCode, code) => {
  expect(errorResponse(error)).toEqual({ statusCode, code, message: error.message });
});

it('answers an error of the engine that TypeORM has wrapped', () => {
  const outdated = new StatementOutdatedError('tenant_a', new Error('secret'));
  expect(errorResponse(new QueryFailedError('SELECT 1', [], outdated))).toEqual({
    statusCode: 503,
    code: 'DATABASE_UNAVAILABLE',
    message: outdated.message,
  });
});

it('has a status for each error of the engine that a request can cause', () => {
  const renamed = {
    TENANT_CONFLICT: 'CONFLICT',
    TENANT_ROW_REJECTED: 'VALIDATION_FAILED',
    DROP_BLOCKED: 'CONFLICT',
    SCHEMA_NAME_INVALID: 'VALIDATION_FAILED',
    STATEMENT_OUTDATED: 'DATABASE_UNAVAILABLE',
  };
  const codes = Object.entries({ ...HTTP_STATUS_OF_TENANCY_ERROR }).map(([code, status]) => [
    Object.hasOwn(renamed, code) ? renamed[code as keyof typeof renamed] : code,
    status,
  ]);
  expect(ERROR_STATUS).toMatchObject(Object.fromEntries(codes));
});

it.each([
  [new NotFoundException('There is no poll.'), 404, 'NOT_FOUND', 'There is no poll.'],
  [new ForbiddenException('No'), 403, 'FORBIDDEN', 'No.'],
  [new HttpException('Gone', 410), 400, 'VALIDATION_FAILED', 'Gone.'],
  [
    new NotFoundException('Cannot GET /x'),
    404,
    'NOT_FOUND',
    'No route answers GET at this path. See all routes at /docs.',
  ],
  [
    Object.assign(new Error("'/%zz' is not a valid url component"), { statusCode: 400 }),
    400,
    'VALIDATION_FAILED',
    "'/%zz' is not a valid url component.",
  ],
])(
  'answers %s with an error body whose message is a sentence',
  (error, statusCode, code, message) => {
    expect(errorResponse(error)).toEqual({ statusCode, code, message });
  },
);

it('keeps only the fields and the code of an exception', () => {
  const details = [{ field: 'a', message: 'a must be set' }];
  expect(errorResponse(new BadRequestException({ message: 'Bad.', details, sql: 'x' }))).toEqual({
    statusCode: 400,
    code: 'VALIDATION_FAILED',
    message: 'Bad.',
    details,
  });
  const expired = new HttpException({ code: 'TENANT_SUSPENDED', message: 'Suspended.' }, 403);
  expect(errorResponse(expired)).toEqual(errorBody('TENANT_SUSPENDED', 'Suspended.'));
  const odd = new ForbiddenException({ code: 'toString', message: 'No.', details: 'x' });
  expect(errorResponse(odd)).toEqual(errorBody('FORBIDDEN', 'No.'));
});

it.each([
  new Error('bug'),
  new InternalServerErrorException('secret'),
  new HttpException('secret', 501),
  new OperationRefusedError('clear()', 'Do not.'),
  Object.assign(new Error('reply was sent'), { statusCode: 500 }),
  'text',
  undefined,
  null,
])('has no answer to %s, an internal error', (error) => {
  expect(errorResponse(error)).toBeUndefined();
});
