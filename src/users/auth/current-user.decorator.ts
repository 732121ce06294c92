import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AuthenticatedUser } from '../user-cache.js';

/** The user of a request, in the same property as Passport's. */
export interface UserRequest {
  user?: AuthenticatedUser;
}

/** Parameter decorator: the user of the request's token. Undefined without a token. */
export const CurrentUser = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<UserRequest>().user,
);
