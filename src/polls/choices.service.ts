import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { isViolation } from '../http/constraint-violation.js';
import { noSuch } from '../http/id.pipe.js';
import type { AuthenticatedUser } from '../users/user-directory.js';
import { Choice } from './choice.entity.js';
import type { NewChoice } from './dto/poll-input.dto.js';
import { PollOwnership } from './poll-ownership.js';
import { Poll } from './poll.entity.js';
import { withVotes } from './with-votes.js';

/** Plain single-tenant code: nothing here knows of tenants. */
@Injectable()
export class ChoicesService {
  constructor(
    @InjectRepository(Choice) private readonly choices: Repository<Choice>,
    @InjectRepository(Poll) private readonly polls: Repository<Poll>,
    private readonly ownership: PollOwnership,
  ) {}

  /**
   * Choices of a poll by id, beginning after one.
   *
   * @throws NotFoundException when there is no such poll
   */
  async findAfter(pollId: number, id: number, limit: number): Promise<Choice[]> {
    const choices = await withVotes(
      this.choices
        .createQueryBuilder('choice')
        .where('choice.pollId = :pollId', { pollId })
        .andWhere('choice.id > :id', { id })
        .orderBy('choice.id')
        .limit(limit),
      (choice) => [choice],
    );
    if (choices.length === 0 && !(await this.polls.existsBy({ id: pollId }))) throw noSuch('poll');
    return choices;
  }

  /**
   * Adds a choice.
   *
   * @throws NotFoundException when there is no such poll
   * @throws UnauthorizedException, ForbiddenException when the user may not change the poll
   */
  async add(
    pollId: number,
    { choice_text }: NewChoice,
    user: AuthenticatedUser | undefined,
  ): Promise<Choice> {
    const poll = await this.polls.findOneBy({ id: pollId });
    if (!poll) throw noSuch('poll');
    await this.ownership.assertMayChange(poll, user);
    const choice = this.choices.create({ choiceText: choice_text, pollId });
    try {
      await this.choices.insert(choice);
    } catch (error) {
      // Deleted at the same moment.
      throw isViolation(error, 'foreignKey') ? noSuch('poll') : error;
    }
    return choice;
  }
}
