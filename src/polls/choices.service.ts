import { ConflictException, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { isViolation } from '../http/errors/constraint-violation.js';
import { noSuch } from '../http/validation/id.pipe.js';
import type { AuthenticatedUser } from '../users/user-cache.js';
import { Choice } from './choice.entity.js';
import { MAX_CHOICES, type NewChoice } from './dto/poll-input.dto.js';
import { PollOwnership } from './poll-ownership.js';
import { Poll } from './poll.entity.js';
import { withVotes } from './votes/with-votes.js';

/** Message of the 409 for a poll that already has the maximum number of choices. */
export const POLL_IS_FULL = `The poll already has the maximum of ${MAX_CHOICES} choices. Create another poll.`;

/** Reads and adds choices. It is written like code for one tenant: the repositories use the tenant of the request. */
@Injectable()
export class ChoicesService {
  constructor(
    @InjectRepository(Choice) private readonly choices: Repository<Choice>,
    @InjectRepository(Poll) private readonly polls: Repository<Poll>,
    private readonly ownership: PollOwnership,
  ) {}

  /**
   * Returns choices of a poll in the order of their ids, after the given id.
   *
   * @throws NotFoundException if the poll does not exist
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
   * Adds a choice. Concurrent requests can exceed {@link MAX_CHOICES} slightly.
   *
   * @throws NotFoundException if the poll does not exist
   * @throws UnauthorizedException, ForbiddenException if the user may not change the poll
   * @throws ConflictException if the poll already has {@link MAX_CHOICES}
   */
  async add(
    pollId: number,
    { choice_text }: NewChoice,
    user: AuthenticatedUser | undefined,
  ): Promise<Choice> {
    const { poll, choices } = await this.findCounted(pollId);
    await this.ownership.assertMayChange(poll, user);
    if (choices >= MAX_CHOICES) throw new ConflictException(POLL_IS_FULL);
    const choice = this.choices.create({ choiceText: choice_text, pollId });
    try {
      await this.choices.insert(choice);
    } catch (error) {
      // Another request has deleted the poll meanwhile.
      throw isViolation(error, 'foreignKey') ? noSuch('poll') : error;
    }
    return choice;
  }

  /** Returns a poll and its number of choices, with one statement. */
  private async findCounted(id: number): Promise<{ poll: Poll; choices: number }> {
    const { entities, raw } = await this.polls
      .createQueryBuilder('poll')
      .addSelect(
        (choices) =>
          choices.select('count(*)').from(Choice, 'choice').where('choice.pollId = poll.id'),
        'choices',
      )
      .where('poll.id = :id', { id })
      .getRawAndEntities<{ readonly choices: string }>();
    const [poll] = entities;
    if (!poll) throw noSuch('poll');
    return { poll, choices: Number(raw[0]?.choices) };
  }
}
