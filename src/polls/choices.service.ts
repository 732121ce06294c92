import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { QueryFailedError, Repository } from 'typeorm';
import { noSuch } from '../http/id.pipe.js';
import { Choice } from './choice.entity.js';
import type { NewChoice } from './dto/poll-input.dto.js';
import { Poll } from './poll.entity.js';

/**
 * The row that a foreign key points at is not there, or was deleted meanwhile.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const FOREIGN_KEY_VIOLATION = '23503';

/** Plain single-tenant code: nothing here knows of tenants. */
@Injectable()
export class ChoicesService {
  constructor(
    @InjectRepository(Choice) private readonly choices: Repository<Choice>,
    @InjectRepository(Poll) private readonly polls: Repository<Poll>,
  ) {}

  /**
   * Choices of a poll by id, beginning after one.
   *
   * @throws NotFoundException when there is no such poll
   */
  async findAfter(pollId: number, id: number, limit: number): Promise<Choice[]> {
    // find() with `where: { poll: { id } }` would join the poll, and with `take` send two statements.
    const choices = await this.choices
      .createQueryBuilder('choice')
      .where('choice.poll = :pollId', { pollId })
      .andWhere('choice.id > :id', { id })
      .orderBy('choice.id')
      .limit(limit)
      .getMany();
    if (choices.length === 0 && !(await this.polls.existsBy({ id: pollId }))) throw noSuch('poll');
    return choices;
  }

  /**
   * Adds a choice. Whether the poll is there is left to the foreign key, which also knows of a poll
   * that is deleted at the same moment.
   *
   * @throws NotFoundException when there is no such poll
   */
  async add(pollId: number, { choice_text }: NewChoice): Promise<Choice> {
    const choice = this.choices.create({ choiceText: choice_text, poll: { id: pollId } });
    try {
      await this.choices.insert(choice);
    } catch (error) {
      throw isForeignKeyViolation(error) ? noSuch('poll') : error;
    }
    return choice;
  }
}

function isForeignKeyViolation(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  return (error.driverError as { code?: unknown }).code === FOREIGN_KEY_VIOLATION;
}
