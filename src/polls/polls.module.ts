import { Module } from '@nestjs/common';
import { TenantModule } from '../tenancy/index.js';
import { Choice } from './choice.entity.js';
import { ChoicesController } from './choices.controller.js';
import { ChoicesService } from './choices.service.js';
import { Poll } from './poll.entity.js';
import { PollResultsController } from './poll-results.controller.js';
import { PollResultsService } from './poll-results.service.js';
import { PollsController } from './polls.controller.js';
import { PollsService } from './polls.service.js';

@Module({
  imports: [TenantModule.forFeature([Poll, Choice])],
  controllers: [PollsController, ChoicesController, PollResultsController],
  providers: [PollsService, ChoicesService, PollResultsService],
})
export class PollsModule {}
