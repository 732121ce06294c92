import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { NOT_AN_OPERATOR } from '../http/error-messages.js';
import { OperatorKey } from './operator-key.js';

/** https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
const BEARER = /^Bearer +(\S+)$/i;

/** Lets operators in: who sends the operator key. */
@Injectable()
export class OperatorGuard implements CanActivate {
  constructor(private readonly key: OperatorKey) {}

  /** @throws UnauthorizedException */
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context
      .switchToHttp()
      .getRequest<{ headers: { authorization?: string } }>();
    const given = BEARER.exec(headers.authorization ?? '')?.[1];
    if (given === undefined || !this.key.matches(given)) {
      throw new UnauthorizedException(NOT_AN_OPERATOR);
    }
    return true;
  }
}
