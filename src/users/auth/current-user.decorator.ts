import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AuthenticatedUser } from '../user-directory.js';

/** The part of a request that says who sent it; where Passport has it, too. */
export interface UserRequest {
  user?: AuthenticatedUser;
}

/** Parameter decorator: the user whose token the request carries; undefined without one. */
export const CurrentUser = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<UserRequest>().user,
);
