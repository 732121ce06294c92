import { Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { noSuchMessage, PathId } from '../../http/validation/id.pipe.js';
import { ApiErrors } from '../../http/openapi/api-errors.decorator.js';
import { TenantRoute } from '../../http/openapi/tenant-route.decorator.js';
import { CurrentUser } from '../../users/auth/current-user.decorator.js';
import { Login } from '../../users/auth/login.decorator.js';
import type { AuthenticatedUser } from '../../users/user-cache.js';
import { ChoiceView } from '../dto/poll-view.dto.js';
import { ALREADY_VOTED, VotesService } from './votes.service.js';

@Controller('polls/:id/choices/:choice_id/vote')
@ApiTags('Polls')
@TenantRoute()
export class VotesController {
  constructor(private readonly votes: VotesService) {}

  @Post()
  @Login('required')
  @ApiOperation({ summary: 'Vote for a choice, once per poll' })
  @ApiCreatedResponse({ description: 'The choice, including this vote.', type: ChoiceView })
  @ApiErrors({ NOT_FOUND: noSuchMessage('choice'), CONFLICT: ALREADY_VOTED })
  async vote(
    @PathId('poll') pollId: number,
    @PathId('choice', 'choice_id') choiceId: number,
    @CurrentUser() user: AuthenticatedUser,
  ): Promise<ChoiceView> {
    return new ChoiceView(await this.votes.vote(pollId, choiceId, user));
  }
}
