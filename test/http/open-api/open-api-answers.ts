// Holds answers against the OpenAPI document: the status is documented, and the body is what its schema says.
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { Answer } from '../../support/application.js';
import type { OpenApi } from './open-api.js';

/** Why an answer is not as documented, or undefined when it is. */
export type AnswerCheck = (operation: string, answer: Answer<unknown>) => string | undefined;

/** @returns checks answers of an operation, named by method and path: `get /polls/{id}` */
export function answerCheckOf(document: OpenApi): AnswerCheck {
  const ajv = new Ajv({ strict: false, allErrors: true });
  // ajv-formats is CommonJS, and its type knows only one of the ways in which that is imported.
  (addFormats as unknown as (instance: Ajv) => void)(ajv);
  ajv.addSchema(Object.assign(closed(document) as object, { $id: 'openapi' }));
  const validators = new Map<string, ValidateFunction>();

  return (operation, { status, body }) => {
    const [method = '', path = ''] = operation.split(' ');
    const documented = document.paths[path]?.[method]?.responses[status];
    if (!documented) return `${operation}: the status ${status} is not documented`;
    if (!documented.content) return body === undefined ? undefined : `${operation}: has a body`;
    const pointer = [
      'paths',
      path,
      method,
      'responses',
      String(status),
      'content',
      'application/json',
      'schema',
    ];
    const $ref = `openapi#/${pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
    const validate = validators.get($ref) ?? ajv.compile({ $ref });
    validators.set($ref, validate);
    if (validate(body)) return undefined;
    return `${operation} ${status}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`;
  };
}

/** OpenAPI 3.0 as JSON Schema: `nullable`, and objects that have no field which is not documented. */
function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map((item) => closed(item));
  if (typeof part !== 'object' || part === null) return part;
  const copy = Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, key === 'example' ? value : closed(value)]),
  );
  if (copy.type === 'object' && copy.properties && !('additionalProperties' in copy)) {
    copy.additionalProperties = false;
  }
  if (copy.nullable === true && typeof copy.type === 'string') copy.type = [copy.type, 'null'];
  delete copy.nullable;
  return copy;
}
