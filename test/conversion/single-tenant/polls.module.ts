import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { User } from '../../../src/users/user.entity.js';
import { Choice } from '../../../src/polls/choice.entity.js';
import { ChoicesController } from '../../../src/polls/choices.controller.js';
import { ChoicesService } from '../../../src/polls/choices.service.js';
import { PollOwnership } from '../../../src/polls/poll-ownership.js';
import { Poll } from '../../../src/polls/poll.entity.js';
import { PollResultsController } from '../../../src/polls/poll-results.controller.js';
import { PollResultsService } from '../../../src/polls/poll-results.service.js';
import { PollsController } from '../../../src/polls/polls.controller.js';
import { PollsService } from '../../../src/polls/polls.service.js';
import { Vote } from '../../../src/polls/votes/vote.entity.js';
import { VotesController } from '../../../src/polls/votes/votes.controller.js';
import { VotesService } from '../../../src/polls/votes/votes.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Poll, Choice, Vote, User])],
  controllers: [PollsController, ChoicesController, VotesController, PollResultsController],
  providers: [PollsService, ChoicesService, VotesService, PollResultsService, PollOwnership],
})
export class PollsModule {}
