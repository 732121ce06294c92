import { getSchemaPath, type OpenAPIObject } from '@nestjs/swagger';
import { ErrorBody } from '../errors/error-body.dto.js';
import { ERROR_CODES, ERROR_STATUS, type ErrorCode } from '../errors/error-codes.js';
import { errorBody } from '../errors/error-response.js';
import { ERROR_MARK, type ErrorMessages } from './api-errors.decorator.js';
import { takeSecurity } from './security.js';
import { type ErrorExample, errorExamples, validationFailed } from './error-examples.js';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;
type Response = Operation['responses'][string];
type MarkedOperation = Operation & Record<string, unknown>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Errors of routes with a body. */
const ERRORS_OF_BODIES: readonly ErrorCode[] = [
  'VALIDATION_FAILED',
  'REQUEST_TIMEOUT',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
];

/** Errors of all routes. */
const ERRORS_OF_ALL: readonly ErrorCode[] = ['HEADERS_TOO_LARGE', 'INTERNAL_ERROR'];

/** Replaces the extensions of `ApiErrors` and `ApiLogin` by answers with examples, and by security requirements. */
export function completeDocument(document: OpenAPIObject, tenantHeader: string): OpenAPIObject {
  const examples = errorExamples(tenantHeader);
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = path[method] as MarkedOperation | undefined;
      if (operation) addErrors(operation, examples);
    }
  }
  return document;
}

function addErrors(
  operation: MarkedOperation,
  examples: Readonly<Record<ErrorCode, ErrorExample>>,
): void {
  operation.security = takeSecurity(operation);
  const messages = takeMarks(operation);
  const implied = new Set<ErrorCode>([...impliedErrors(operation), ...ERRORS_OF_ALL]);
  const codes = ERROR_CODES.filter((code) => implied.has(code) || code in messages);
  for (const status of new Set(codes.map((code) => ERROR_STATUS[code]))) {
    const errors = codes
      .filter((code) => ERROR_STATUS[code] === status)
      .map((code) => withMessage(examples[code], messages[code]));
    operation.responses[status] ??= errorAnswer(status, errors);
  }
}

function takeMarks(operation: MarkedOperation): ErrorMessages {
  const messages: Partial<Record<string, string>> = {};
  for (const mark of Object.keys(operation).filter((key) => key.startsWith(ERROR_MARK))) {
    const message = operation[mark];
    messages[mark.slice(ERROR_MARK.length)] = typeof message === 'string' ? message : undefined;
    delete operation[mark];
  }
  return messages;
}

function impliedErrors({ requestBody, parameters = [] }: Operation): readonly ErrorCode[] {
  if (requestBody) return ERRORS_OF_BODIES;
  const hasQuery = parameters.some((parameter) => 'in' in parameter && parameter.in === 'query');
  return hasQuery ? ['VALIDATION_FAILED'] : [];
}

function withMessage(example: ErrorExample, message: string | undefined): ErrorExample {
  if (message === undefined) return example;
  const { code } = example.answer;
  const answer =
    code === 'VALIDATION_FAILED' ? validationFailed(message) : errorBody(code, message);
  return { ...example, answer };
}

function errorAnswer(status: number, errors: readonly ErrorExample[]): Response {
  return {
    description: errors.map(({ when, answer }) => `${when}: \`${answer.code}\`.`).join(' '),
    ...((status === 429 || status === 503) && {
      headers: {
        'Retry-After': {
          description: 'Seconds until the client should retry.',
          schema: { type: 'integer', example: 5 },
        },
      },
    }),
    content: {
      'application/json': {
        schema: { $ref: getSchemaPath(ErrorBody) },
        examples: Object.fromEntries(
          errors.map(({ when, answer }) => [answer.code, { summary: when, value: answer }]),
        ),
      },
    },
  };
}
