import { Module } from '@nestjs/common';
import { TenantModule } from '../tenancy/index.js';
import { Choice } from './choice.entity.js';
import { Poll } from './poll.entity.js';
import { PollsController } from './polls.controller.js';
import { PollsService } from './polls.service.js';

@Module({
  imports: [TenantModule.forFeature([Poll, Choice])],
  controllers: [PollsController],
  providers: [PollsService],
})
export class PollsModule {}
