import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { noSuch } from '../http/id.pipe.js';
import type { NewPoll, PollChange } from './dto/poll-input.dto.js';
import { Poll } from './poll.entity.js';

/** Plain single-tenant code: nothing here knows of tenants. */
@Injectable()
export class PollsService {
  constructor(@InjectRepository(Poll) private readonly polls: Repository<Poll>) {}

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
    return this.polls
      .createQueryBuilder('poll')
      .leftJoinAndSelect('poll.choices', 'choice')
      .where(`poll.id IN (${page.getQuery()})`, { id })
      .orderBy('poll.id')
      .addOrderBy('choice.id')
      .getMany();
  }

  /** @throws NotFoundException */
  async findOne(id: number): Promise<Poll> {
    // find() joins in one statement; findOne() would first ask for the ids.
    const [poll] = await this.polls.find({
      where: { id },
      relations: { choices: true },
      order: { choices: { id: 'ASC' } },
    });
    if (!poll) throw noSuch('poll');
    return poll;
  }

  create({ question, choices = [] }: NewPoll): Promise<Poll> {
    return this.polls.save(
      this.polls.create({ question, choices: choices.map((choiceText) => ({ choiceText })) }),
    );
  }

  /** @throws NotFoundException */
  async update(id: number, { question }: PollChange): Promise<Poll> {
    if (question !== undefined) await this.polls.update({ id }, { question });
    return this.findOne(id);
  }

  /**
   * Deletes a poll with its choices.
   *
   * @throws NotFoundException
   */
  async delete(id: number): Promise<void> {
    const { affected } = await this.polls.delete({ id });
    if (affected === 0) throw noSuch('poll');
  }
}
