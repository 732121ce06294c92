import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, Repository } from 'typeorm';
import type { NewPoll } from './dto/poll.dto.js';
import { Poll } from './poll.entity.js';

/** Plain single-tenant code: nothing here knows of tenants. */
@Injectable()
export class PollsService {
  constructor(@InjectRepository(Poll) private readonly polls: Repository<Poll>) {}

  /** Polls with their choices, by id, beginning after one. Two statements, however many polls. */
  findAfter(id: number, limit: number): Promise<Poll[]> {
    return this.polls.find({
      where: { id: MoreThan(id) },
      relations: { choices: true },
      relationLoadStrategy: 'query',
      order: { id: 'ASC' },
      take: limit,
    });
  }

  create({ question, choices = [] }: NewPoll): Promise<Poll> {
    return this.polls.save(
      this.polls.create({ question, choices: choices.map((choiceText) => ({ choiceText })) }),
    );
  }
}
