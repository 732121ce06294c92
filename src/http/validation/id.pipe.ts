import {
  createParamDecorator,
  type ExecutionContext,
  NotFoundException,
  type PipeTransform,
} from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { MAX_ID } from './page.js';

/** Returns the message of the 404 for an unknown id. `thing` is one word, such as `poll`. */
export const noSuchMessage = (thing: string): string => `There is no ${thing} with this id.`;

/** Returns the 404 for an unknown id. */
export const noSuch = (thing: string): NotFoundException =>
  new NotFoundException(noSuchMessage(thing));

/**
 * Parses an id: an integer from 1 to 2147483647 in its usual notation. Any other text is answered like an unknown id, with 404.
 * Clients therefore need no other error for `/polls/0`, `/polls/1.5` or `/polls/abc`.
 */
export class IdPipe implements PipeTransform<string, number> {
  constructor(private readonly thing: string) {}

  transform(text: string): number {
    const id = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Infinity;
    if (id > MAX_ID) throw noSuch(this.thing);
    return id;
  }
}

/**
 * Parameter decorator: the id in the path. `@PathId('poll') id: number` reads `:id`. Do not use `@Param()`, because the global
 * ValidationPipe converts its text to a number before other pipes, and `1e3` would become poll 1000.
 *
 * @param thing the kind of object, for the 404
 * @param name of the path parameter
 */
export function PathId(thing: string, name = 'id'): ParameterDecorator {
  const schema = { type: 'integer', minimum: 1, maximum: MAX_ID, example: 1 };
  const document = ApiParam({ name, description: `Id of the ${thing}.`, schema });
  return (controller, method = '', index) => {
    readPath(name, new IdPipe(thing))(controller, method, index);
    const descriptor = Object.getOwnPropertyDescriptor(controller, method);
    if (descriptor) document(controller, method, descriptor);
  };
}

const readPath = createParamDecorator(
  (name: string, context: ExecutionContext): string | undefined =>
    context.switchToHttp().getRequest<{ params: Record<string, string> }>().params[name],
);
