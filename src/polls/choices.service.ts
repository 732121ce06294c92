import { ConflictException, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { isViolation } from '../http/errors/constraint-violation.js';
import { noSuch } from '../http/validation/id.pipe.js';
import type { AuthenticatedUser } from '../users/user-directory.js';
import { Choice } from './choice.entity.js';
import { MAX_CHOICES, type NewChoice } from './dto/poll-input.dto.js';
import { PollOwnership } from './poll-ownership.js';
import { Poll } from './poll.entity.js';
import { withVotes } from './votes/with-votes.js';

/** What is told whoever adds a choice to a poll that has all that it may have. */
export const POLL_IS_FULL = `The poll has ${MAX_CHOICES} choices, which is the most. Make another poll for more.`;

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
   * Adds a choice. Choices that are added at the same moment may together be some more than the most.
   *
   * @throws NotFoundException when there is no such poll
   * @throws UnauthorizedException, ForbiddenException when the user may not change the poll
   * @throws ConflictException when the poll has {@link MAX_CHOICES}
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
      // Deleted at the same moment.
      throw isViolation(error, 'foreignKey') ? noSuch('poll') : error;
    }
    return choice;
  }

  /** A poll and how many choices it has, by one statement. */
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
