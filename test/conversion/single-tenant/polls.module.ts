import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Choice } from '../../../src/polls/choice.entity.js';
import { ChoicesController } from '../../../src/polls/choices.controller.js';
import { ChoicesService } from '../../../src/polls/choices.service.js';
import { Poll } from '../../../src/polls/poll.entity.js';
import { PollResultsController } from '../../../src/polls/poll-results.controller.js';
import { PollResultsService } from '../../../src/polls/poll-results.service.js';
import { PollsController } from '../../../src/polls/polls.controller.js';
import { PollsService } from '../../../src/polls/polls.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Poll, Choice])],
  controllers: [PollsController, ChoicesController, PollResultsController],
  providers: [PollsService, ChoicesService, PollResultsService],
})
export class PollsModule {}
