import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { ThrottlerException } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NOT_AN_OPERATOR, TOO_MANY_REQUESTS } from '../http/error-messages.js';
import { WrongKeys } from '../http/rate-limit/wrong-keys.js';
import { OperatorKey } from './operator-key.js';

/** https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
const BEARER = /^Bearer +(\S+)$/i;

/** Lets operators in: who sends the operator key. Who sends too many wrong ones has to wait. */
@Injectable()
export class OperatorGuard implements CanActivate {
  constructor(
    private readonly key: OperatorKey,
    private readonly wrongKeys: WrongKeys,
  ) {}

  /** @throws UnauthorizedException, ThrottlerException */
  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const { headers, ip } = http.getRequest<FastifyRequest>();
    const given = BEARER.exec(headers.authorization ?? '')?.[1];
    if (given === undefined) throw new UnauthorizedException(NOT_AN_OPERATOR);
    const seconds = this.wrongKeys.secondsToWait(ip);
    if (seconds > 0) {
      http.getResponse<FastifyReply>().header('Retry-After', String(seconds));
      throw new ThrottlerException(TOO_MANY_REQUESTS);
    }
    if (this.key.matches(given)) return true;
    this.wrongKeys.count(ip);
    throw new UnauthorizedException(NOT_AN_OPERATOR);
  }
}
