import { ForbiddenException, Injectable, UnauthorizedException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { LOG_IN } from '../http/errors/error-messages.js';
import { User } from '../users/user.entity.js';
import type { AuthenticatedUser } from '../users/user-directory.js';
import type { Poll } from './poll.entity.js';

/** What a 403 says of somebody else's poll. */
export const NOT_YOURS = 'Only the creator of a poll and admins may change it.';

/** Who may change a poll: its creator and admins, and, as long as there are no users at all, anyone. */
@Injectable()
export class PollOwnership {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

  /**
   * @throws ForbiddenException when the user may not change the poll
   * @throws UnauthorizedException when nobody is logged in, and that is needed
   */
  async assertMayChange(
    { createdById }: Pick<Poll, 'createdById'>,
    user: AuthenticatedUser | undefined,
  ): Promise<void> {
    if (user) {
      if (user.role === 'admin' || user.id === createdById) return;
      throw new ForbiddenException(NOT_YOURS);
    }
    // A poll that has a creator is proof of a user.
    if (createdById === null && !(await this.users.exists())) return;
    throw new UnauthorizedException(LOG_IN);
  }
}
