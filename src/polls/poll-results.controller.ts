import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { noSuchMessage, PathId } from '../http/validation/id.pipe.js';
import { ApiErrors } from '../http/openapi/api-errors.decorator.js';
import { TenantRoute } from '../http/openapi/tenant-route.decorator.js';
import { Login } from '../users/auth/login.decorator.js';
import { PollResults } from './dto/poll-results.dto.js';
import { PollResultsService } from './poll-results.service.js';

@Controller('polls/:id/results')
@ApiTags('Polls')
@TenantRoute()
@Login('optional')
@ApiErrors({ NOT_FOUND: noSuchMessage('poll') })
export class PollResultsController {
  constructor(private readonly results: PollResultsService) {}

  @Get()
  @ApiOperation({ summary: 'Read the results of a poll' })
  @ApiOkResponse({ description: 'The results.', type: PollResults })
  read(@PathId('poll') id: number): Promise<PollResults> {
    return this.results.find(id);
  }
}
