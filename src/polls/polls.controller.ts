import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { type Page, PageQuery, readCursor, toPage } from '../http/page.js';
import { NewPoll, PollView } from './dto/poll.dto.js';
import { PollsService } from './polls.service.js';

@Controller('polls')
export class PollsController {
  constructor(private readonly polls: PollsService) {}

  @Get()
  async list(@Query() { limit, cursor }: PageQuery): Promise<Page<PollView>> {
    const polls = await this.polls.findAfter(readCursor(cursor), limit + 1);
    return toPage(polls, limit, (poll) => new PollView(poll));
  }

  @Post()
  async create(@Body() input: NewPoll): Promise<PollView> {
    return new PollView(await this.polls.create(input));
  }
}
