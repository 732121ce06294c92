import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { ThrottlerException } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bearerOf } from '../http/bearer.js';
import { NOT_AN_OPERATOR, TOO_MANY_REQUESTS } from '../http/errors/error-messages.js';
import { WrongKeys } from '../http/rate-limit/wrong-keys.js';
import { OperatorKey } from './operator-key.js';

/** Accepts requests with the operator key. An address that sends too many wrong keys must wait. */
@Injectable()
export class OperatorGuard implements CanActivate {
  constructor(
    private readonly key: OperatorKey,
    private readonly wrongKeys: WrongKeys,
  ) {}

  /** @throws UnauthorizedException, ThrottlerException */
  canActivate(context: ExecutionContext): boolean {
    if (this.hasKey(context)) return true;
    throw new UnauthorizedException(NOT_AN_OPERATOR);
  }

  /**
   * Returns whether the request has the operator key, and counts wrong keys. All routes for operators use this method, so
   * they share one limit of wrong keys.
   *
   * @throws ThrottlerException if the address has sent too many wrong keys
   */
  hasKey(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const { headers, ip } = http.getRequest<FastifyRequest>();
    const given = bearerOf(headers.authorization);
    if (given === undefined) return false;
    const seconds = this.wrongKeys.secondsToWait(ip);
    if (seconds > 0) {
      http.getResponse<FastifyReply>().header('Retry-After', String(seconds));
      throw new ThrottlerException(TOO_MANY_REQUESTS);
    }
    if (this.key.matches(given)) return true;
    this.wrongKeys.count(ip);
    return false;
  }
}
