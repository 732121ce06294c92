import { Module } from '@nestjs/common';
import { TenantModule } from 'nest-tenant-schemas';
import { User } from '../users/user.entity.js';
import { Choice } from './choice.entity.js';
import { ChoicesController } from './choices.controller.js';
import { ChoicesService } from './choices.service.js';
import { PollOwnership } from './poll-ownership.js';
import { Poll } from './poll.entity.js';
import { PollResultsController } from './poll-results.controller.js';
import { PollResultsService } from './poll-results.service.js';
import { PollsController } from './polls.controller.js';
import { PollsService } from './polls.service.js';
import { Vote } from './votes/vote.entity.js';
import { VotesController } from './votes/votes.controller.js';
import { VotesService } from './votes/votes.service.js';

@Module({
  imports: [TenantModule.forFeature([Poll, Choice, Vote, User])],
  controllers: [PollsController, ChoicesController, VotesController, PollResultsController],
  providers: [PollsService, ChoicesService, VotesService, PollResultsService, PollOwnership],
})
export class PollsModule {}
