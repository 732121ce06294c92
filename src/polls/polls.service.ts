import { Injectable, UnauthorizedException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type SelectQueryBuilder } from 'typeorm';
import { isViolation } from '../http/errors/constraint-violation.js';
import { BAD_TOKEN } from '../http/errors/error-messages.js';
import { noSuch } from '../http/validation/id.pipe.js';
import type { AuthenticatedUser } from '../users/user-directory.js';
import type { NewPoll, PollChange } from './dto/poll-input.dto.js';
import { PollOwnership } from './poll-ownership.js';
import { Poll } from './poll.entity.js';
import { withVotes } from './votes/with-votes.js';

/** Plain single-tenant code: nothing here knows of tenants. */
@Injectable()
export class PollsService {
  constructor(
    @InjectRepository(Poll) private readonly polls: Repository<Poll>,
    private readonly ownership: PollOwnership,
  ) {}

  /**
   * Polls with their choices, both by id, beginning after one. One statement, so that a poll that is
   * deleted meanwhile neither loses its choices nor ends the list early.
   */
  findAfter(id: number, limit: number): Promise<Poll[]> {
    const page = this.polls
      .createQueryBuilder('paged')
      .select('paged.id')
      .where('paged.id > :id')
      .orderBy('paged.id')
      .limit(limit);
    return withVotes(
      this.whole()
        .where(`poll.id IN (${page.getQuery()})`, { id })
        .orderBy('poll.id')
        .addOrderBy('choice.id'),
      ({ choices }) => choices,
    );
  }

  /** @throws NotFoundException */
  async findOne(id: number): Promise<Poll> {
    const [poll] = await withVotes(
      this.whole().where('poll.id = :id', { id }).orderBy('choice.id'),
      ({ choices }) => choices,
    );
    if (!poll) throw noSuch('poll');
    return poll;
  }

  /**
   * @param creator who is logged in, if anybody is
   * @throws UnauthorizedException when that user is no more
   */
  async create(
    { question, choices = [] }: NewPoll,
    creator: AuthenticatedUser | undefined,
  ): Promise<Poll> {
    const poll = this.polls.create({
      question,
      createdBy: creator ? { id: creator.id, username: creator.username } : null,
      choices: choices.map((choiceText) => ({ choiceText })),
    });
    try {
      return await this.polls.save(poll);
    } catch (error) {
      throw isViolation(error, 'foreignKey') ? new UnauthorizedException(BAD_TOKEN) : error;
    }
  }

  /**
   * @throws NotFoundException
   * @throws UnauthorizedException, ForbiddenException when the user may not change it
   */
  async update(
    id: number,
    { question }: PollChange,
    user: AuthenticatedUser | undefined,
  ): Promise<Poll> {
    const poll = await this.findOne(id);
    await this.ownership.assertMayChange(poll, user);
    if (question === undefined) return poll;
    const { affected } = await this.polls.update({ id }, { question });
    if (affected === 0) throw noSuch('poll');
    return Object.assign(poll, { question });
  }

  /**
   * Deletes a poll with its choices and their votes.
   *
   * @throws NotFoundException
   * @throws UnauthorizedException, ForbiddenException when the user may not delete it
   */
  async delete(id: number, user: AuthenticatedUser | undefined): Promise<void> {
    const poll = await this.polls.findOneBy({ id });
    if (!poll) throw noSuch('poll');
    await this.ownership.assertMayChange(poll, user);
    const { affected } = await this.polls.delete({ id });
    if (affected === 0) throw noSuch('poll');
  }

  /** Polls with all that is shown of them but votes. Joined in one statement, of the creator what is shown. */
  private whole(): SelectQueryBuilder<Poll> {
    return this.polls
      .createQueryBuilder('poll')
      .leftJoin('poll.createdBy', 'creator')
      .addSelect(['creator.id', 'creator.username'])
      .leftJoinAndSelect('poll.choices', 'choice');
  }
}
