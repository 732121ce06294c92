import { ConflictException, Injectable, UnauthorizedException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { isViolation } from '../../http/errors/constraint-violation.js';
import { BAD_TOKEN } from '../../http/errors/error-messages.js';
import { noSuch } from '../../http/validation/id.pipe.js';
import type { AuthenticatedUser } from '../../users/user-cache.js';
import { Choice } from '../choice.entity.js';
import { Vote } from './vote.entity.js';
import { withVotes } from './with-votes.js';

/** Message of the 409 for a second vote on a poll. */
export const ALREADY_VOTED = 'You have already voted on this poll. Votes cannot be changed.';

/** Stores votes. It is written like code for one tenant: the repositories use the tenant of the request. */
@Injectable()
export class VotesService {
  constructor(
    @InjectRepository(Vote) private readonly votes: Repository<Vote>,
    @InjectRepository(Choice) private readonly choices: Repository<Choice>,
  ) {}

  /**
   * Votes for a choice of a poll. Constraints check that the user votes once, and that the choice belongs to the poll. They also
   * cover concurrent requests.
   *
   * @returns the choice with its current number of votes
   * @throws NotFoundException if the poll has no such choice
   * @throws ConflictException if the user has already voted on the poll
   * @throws UnauthorizedException if the user was deleted
   */
  async vote(pollId: number, choiceId: number, user: AuthenticatedUser): Promise<Choice> {
    try {
      await this.votes.insert({ pollId, choiceId, userId: user.id });
    } catch (error) {
      const hasVoted = isViolation(error, 'unique');
      if (!hasVoted && !isViolation(error, 'foreignKey')) throw error;
      if (!(await this.choices.existsBy({ id: choiceId, pollId }))) throw noSuch('choice');
      throw hasVoted ? new ConflictException(ALREADY_VOTED) : new UnauthorizedException(BAD_TOKEN);
    }
    const [choice] = await withVotes(
      this.choices.createQueryBuilder('choice').where('choice.id = :choiceId', { choiceId }),
      (voted) => [voted],
    );
    // Another request has deleted the poll meanwhile, with this choice and its votes.
    if (!choice) throw noSuch('choice');
    return choice;
  }
}
