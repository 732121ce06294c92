import { type DynamicModule, type FactoryProvider, Module, Scope, type Type } from '@nestjs/common';
import { getRepositoryToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { Choice } from '../../src/polls/choice.entity.js';
import { ChoicesController } from '../../src/polls/choices.controller.js';
import { ChoicesService } from '../../src/polls/choices.service.js';
import { PollOwnership } from '../../src/polls/poll-ownership.js';
import { Poll } from '../../src/polls/poll.entity.js';
import { PollResultsController } from '../../src/polls/poll-results.controller.js';
import { PollResultsService } from '../../src/polls/poll-results.service.js';
import { PollsController } from '../../src/polls/polls.controller.js';
import { PollsService } from '../../src/polls/polls.service.js';
import { Vote } from '../../src/polls/votes/vote.entity.js';
import { VotesController } from '../../src/polls/votes/votes.controller.js';
import { VotesService } from '../../src/polls/votes/votes.service.js';
import { User } from '../../src/users/user.entity.js';

@Module({})
class RequestScopedPollsModule {}

/**
 * The polls with repositories that are made for each request from the DataSource of its tenant, which makes
 * every service and controller that uses them request-scoped as well.
 *
 * @param dataSource token of the request's DataSource
 * @param providers what provides it, where it is not global
 */
export function requestScopedPolls(
  dataSource: symbol,
  providers: FactoryProvider[] = [],
): DynamicModule {
  return {
    module: RequestScopedPollsModule,
    controllers: [PollsController, ChoicesController, VotesController, PollResultsController],
    providers: [
      ...providers,
      ...[Poll, Choice, Vote, User].map((entity) => requestScopedRepository(entity, dataSource)),
      PollsService,
      ChoicesService,
      VotesService,
      PollOwnership,
      PollResultsService,
    ],
  };
}

function requestScopedRepository(entity: Type, dataSource: symbol): FactoryProvider {
  return {
    provide: getRepositoryToken(entity),
    scope: Scope.REQUEST,
    inject: [dataSource],
    useFactory: (bound: DataSource) => bound.getRepository(entity),
  };
}
