import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Put, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { noSuchMessage, PathId } from '../http/validation/id.pipe.js';
import { ApiErrors } from '../http/openapi/api-errors.decorator.js';
import { ApiPage } from '../http/openapi/api-page.decorator.js';
import { TenantRoute } from '../http/openapi/tenant-route.decorator.js';
import { type Page, PageQuery, readCursor, toPage } from '../http/validation/page.js';
import { CurrentUser } from '../users/auth/current-user.decorator.js';
import { Login } from '../users/auth/login.decorator.js';
import type { AuthenticatedUser } from '../users/user-cache.js';
import { NewPoll, PollChange, PollReplacement } from './dto/poll-input.dto.js';
import { PollView } from './dto/poll-view.dto.js';
import { NOT_THE_CREATOR } from './poll-ownership.js';
import { PollsService } from './polls.service.js';

const NO_SUCH_POLL = { NOT_FOUND: noSuchMessage('poll') };
const NOT_CHANGEABLE = { ...NO_SUCH_POLL, FORBIDDEN: NOT_THE_CREATOR };

/** Undefined for a request without a token. */
type MaybeUser = AuthenticatedUser | undefined;

@Controller('polls')
@ApiTags('Polls')
@TenantRoute()
@Login('optional')
export class PollsController {
  constructor(private readonly polls: PollsService) {}

  @Get()
  @ApiOperation({ summary: 'List polls, oldest first' })
  @ApiPage(PollView)
  async list(@Query() { limit, cursor }: PageQuery): Promise<Page<PollView>> {
    const polls = await this.polls.findAfter(readCursor(cursor), limit + 1);
    return toPage(polls, limit, (poll) => new PollView(poll));
  }

  @Post()
  @ApiOperation({ summary: 'Create a poll' })
  @ApiCreatedResponse({ description: 'The poll.', type: PollView })
  @ApiErrors({ VALIDATION_FAILED: 'question must not be blank' })
  async create(@Body() input: NewPoll, @CurrentUser() user: MaybeUser): Promise<PollView> {
    return new PollView(await this.polls.create(input, user));
  }

  @Get(':id')
  @ApiOperation({ summary: 'Read a poll' })
  @ApiOkResponse({ description: 'The poll.', type: PollView })
  @ApiErrors(NO_SUCH_POLL)
  async read(@PathId('poll') id: number): Promise<PollView> {
    return new PollView(await this.polls.findOne(id));
  }

  @Put(':id')
  @ApiOperation({ summary: 'Replace the question of a poll' })
  @ApiOkResponse({ description: 'The poll after the change.', type: PollView })
  @ApiErrors(NOT_CHANGEABLE)
  async replace(
    @PathId('poll') id: number,
    @Body() input: PollReplacement,
    @CurrentUser() user: MaybeUser,
  ): Promise<PollView> {
    return new PollView(await this.polls.update(id, input, user));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change the given fields of a poll' })
  @ApiOkResponse({ description: 'The poll after the change.', type: PollView })
  @ApiErrors(NOT_CHANGEABLE)
  async change(
    @PathId('poll') id: number,
    @Body() input: PollChange,
    @CurrentUser() user: MaybeUser,
  ): Promise<PollView> {
    return new PollView(await this.polls.update(id, input, user));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a poll with its choices' })
  @ApiNoContentResponse({ description: 'The poll is deleted.' })
  @ApiErrors(NOT_CHANGEABLE)
  delete(@PathId('poll') id: number, @CurrentUser() user: MaybeUser): Promise<void> {
    return this.polls.delete(id, user);
  }
}
