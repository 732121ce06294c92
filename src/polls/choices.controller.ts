import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { noSuchMessage, PathId } from '../http/validation/id.pipe.js';
import { ApiErrors } from '../http/openapi/api-errors.decorator.js';
import { ApiPage } from '../http/openapi/api-page.decorator.js';
import { TenantRoute } from '../http/openapi/tenant-route.decorator.js';
import { type Page, PageQuery, readCursor, toPage } from '../http/validation/page.js';
import { CurrentUser } from '../users/auth/current-user.decorator.js';
import { Login } from '../users/auth/login.decorator.js';
import type { AuthenticatedUser } from '../users/user-cache.js';
import { ChoicesService, POLL_IS_FULL } from './choices.service.js';
import { NewChoice } from './dto/poll-input.dto.js';
import { ChoiceView } from './dto/poll-view.dto.js';
import { NOT_THE_CREATOR } from './poll-ownership.js';

@Controller('polls/:id/choices')
@ApiTags('Polls')
@TenantRoute()
@Login('optional')
@ApiErrors({ NOT_FOUND: noSuchMessage('poll') })
export class ChoicesController {
  constructor(private readonly choices: ChoicesService) {}

  @Get()
  @ApiOperation({ summary: 'List the choices of a poll, oldest first' })
  @ApiPage(ChoiceView)
  async list(
    @PathId('poll') pollId: number,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<Page<ChoiceView>> {
    const choices = await this.choices.findAfter(pollId, readCursor(cursor), limit + 1);
    return toPage(choices, limit, (choice) => new ChoiceView(choice));
  }

  @Post()
  @ApiOperation({ summary: 'Add a choice to a poll (maximum: 100)' })
  @ApiCreatedResponse({ description: 'The choice.', type: ChoiceView })
  @ApiErrors({
    VALIDATION_FAILED: 'choice_text must not be blank',
    FORBIDDEN: NOT_THE_CREATOR,
    CONFLICT: POLL_IS_FULL,
  })
  async add(
    @PathId('poll') pollId: number,
    @Body() input: NewChoice,
    @CurrentUser() user: AuthenticatedUser | undefined,
  ): Promise<ChoiceView> {
    return new ChoiceView(await this.choices.add(pollId, input, user));
  }
}
