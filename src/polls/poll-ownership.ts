import { ForbiddenException, Injectable, UnauthorizedException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { LOG_IN } from '../http/errors/error-messages.js';
import { User } from '../users/user.entity.js';
import type { AuthenticatedUser } from '../users/user-cache.js';
import type { Poll } from './poll.entity.js';

/** Message of the 403 for the poll of another user. */
export const NOT_THE_CREATOR = 'Only the creator of a poll and admins may change it.';

/** Checks who may change a poll: its creator and admins. In a tenant without users, anyone may change it. */
@Injectable()
export class PollOwnership {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  /**
   * Throws unless the user of the request may change the poll.
   *
   * @throws ForbiddenException if the user may not change the poll
   * @throws UnauthorizedException if the request has no token, and the tenant has users
   */
  async assertMayChange(
    { createdById }: Pick<Poll, 'createdById'>,
    user: AuthenticatedUser | undefined,
  ): Promise<void> {
    if (user) {
      if (user.role === 'admin' || user.id === createdById) return;
      throw new ForbiddenException(NOT_THE_CREATOR);
    }
    // A poll with a creator proves that the tenant has a user.
    if (createdById === null && !(await this.users.exists())) return;
    throw new UnauthorizedException(LOG_IN);
  }
}
