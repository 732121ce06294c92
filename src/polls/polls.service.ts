import { Injectable, UnauthorizedException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type SelectQueryBuilder } from 'typeorm';
import { isViolation } from '../http/errors/constraint-violation.js';
import { BAD_TOKEN } from '../http/errors/error-messages.js';
import { noSuch } from '../http/validation/id.pipe.js';
import type { AuthenticatedUser } from '../users/user-cache.js';
import type { NewPoll, PollChange } from './dto/poll-input.dto.js';
import { PollOwnership } from './poll-ownership.js';
import { Poll } from './poll.entity.js';
import { withVotes } from './votes/with-votes.js';

/** Reads and changes polls. It is written like code for one tenant: the repositories use the tenant of the request. */
@Injectable()
export class PollsService {
  constructor(
    @InjectRepository(Poll) private readonly polls: Repository<Poll>,
    private readonly ownership: PollOwnership,
  ) {}

  /**
   * Returns polls with their choices, both in the order of their ids, after the given id. It uses one statement, so a concurrent
   * deletion neither removes the choices of a returned poll nor ends the list early.
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

  /** @throws NotFoundException if the poll does not exist */
  async findOne(id: number): Promise<Poll> {
    const [poll] = await withVotes(
      this.whole().where('poll.id = :id', { id }).orderBy('choice.id'),
      ({ choices }) => choices,
    );
    if (!poll) throw noSuch('poll');
    return poll;
  }

  /**
   * Creates a poll with its first choices.
   *
   * @param creator the user of the request. Undefined without a login
   * @throws UnauthorizedException if that user was deleted
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
   * Changes the given fields of a poll.
   *
   * @throws NotFoundException if the poll does not exist
   * @throws UnauthorizedException, ForbiddenException if the user may not change it
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
   * @throws NotFoundException if the poll does not exist
   * @throws UnauthorizedException, ForbiddenException if the user may not delete it
   */
  async delete(id: number, user: AuthenticatedUser | undefined): Promise<void> {
    const poll = await this.polls.findOneBy({ id });
    if (!poll) throw noSuch('poll');
    await this.ownership.assertMayChange(poll, user);
    const { affected } = await this.polls.delete({ id });
    if (affected === 0) throw noSuch('poll');
  }

  /** Builds a query of polls with their choices and creator, but without votes. It selects only id and name of the creator. */
  private whole(): SelectQueryBuilder<Poll> {
    return this.polls
      .createQueryBuilder('poll')
      .leftJoin('poll.createdBy', 'creator')
      .addSelect(['creator.id', 'creator.username'])
      .leftJoinAndSelect('poll.choices', 'choice');
  }
}
