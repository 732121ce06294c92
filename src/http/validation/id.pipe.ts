import {
  createParamDecorator,
  type ExecutionContext,
  NotFoundException,
  type PipeTransform,
} from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { MAX_ID } from './page.js';

/** What a 404 says of an id that nothing has; `thing` is one word, e.g. `poll`. */
export const noSuchMessage = (thing: string): string => `There is no ${thing} with this id.`;

/** The 404 of an id that nothing has. */
export const noSuch = (thing: string): NotFoundException =>
  new NotFoundException(noSuchMessage(thing));

/**
 * Reads an id, which is an integer from 1 to 2147483647, written in one way. Everything else is answered
 * as an id that nothing has, 404, be it out of range or no integer at all: a path names a thing, nothing
 * is at `/polls/0`, `/polls/1.5` or `/polls/abc`, and a client need not tell two answers apart.
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
 * The id in a route's path, documented: `@PathId('poll') id: number` for `:id`. Not `@Param()`, whose text
 * the global ValidationPipe turns into a number before other pipes see it: `1e3` would be poll 1000.
 *
 * @param thing what it is the id of, for the 404
 * @param name the path's placeholder
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
