import { ConflictException, Injectable, UnauthorizedException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { isViolation } from '../../http/errors/constraint-violation.js';
import { BAD_TOKEN } from '../../http/errors/error-messages.js';
import { noSuch } from '../../http/validation/id.pipe.js';
import type { AuthenticatedUser } from '../../users/user-directory.js';
import { Choice } from '../choice.entity.js';
import { Vote } from './vote.entity.js';
import { withVotes } from './with-votes.js';

/** What a second vote on a poll is told. */
export const VOTED = 'You have voted on this poll already. A vote is for good.';

/** Plain single-tenant code: nothing here knows of tenants. */
@Injectable()
export class VotesService {
  constructor(
    @InjectRepository(Vote) private readonly votes: Repository<Vote>,
    @InjectRepository(Choice) private readonly choices: Repository<Choice>,
  ) {}

  /**
   * Votes for a choice of a poll. That a user votes once, and for a choice of that poll, is left to the
   * constraints, which also know of what happens at the same moment.
   *
   * @returns the choice with the votes that it has now
   * @throws NotFoundException when the poll has no such choice
   * @throws ConflictException when the user has voted on the poll before
   * @throws UnauthorizedException when the user is no more
   */
  async vote(pollId: number, choiceId: number, user: AuthenticatedUser): Promise<Choice> {
    try {
      await this.votes.insert({ pollId, choiceId, userId: user.id });
    } catch (error) {
      const hasVoted = isViolation(error, 'unique');
      if (!hasVoted && !isViolation(error, 'foreignKey')) throw error;
      if (!(await this.choices.existsBy({ id: choiceId, pollId }))) throw noSuch('choice');
      throw hasVoted ? new ConflictException(VOTED) : new UnauthorizedException(BAD_TOKEN);
    }
    const [choice] = await withVotes(
      this.choices.createQueryBuilder('choice').where('choice.id = :choiceId', { choiceId }),
      (voted) => [voted],
    );
    // Deleted with its poll at the same moment, and the vote with it.
    if (!choice) throw noSuch('choice');
    return choice;
  }
}
