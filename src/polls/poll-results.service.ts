import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { noSuch } from '../http/validation/id.pipe.js';
import { InjectTenantDataSource } from 'nest-tenant-schemas';
import { PollResults } from './dto/poll-results.dto.js';
import { Poll } from './poll.entity.js';
import { withVotes } from './votes/with-votes.js';

/**
 * Counts votes on the DataSource that is bound to the request's tenant, and so is request-scoped: a
 * provider of its own, that the lists stay singletons.
 */
@Injectable()
export class PollResultsService {
  constructor(@InjectTenantDataSource() private readonly dataSource: DataSource) {}

  /** @throws NotFoundException */
  async find(id: number): Promise<PollResults> {
    const [poll] = await withVotes(
      this.dataSource
        .getRepository(Poll)
        .createQueryBuilder('poll')
        .leftJoinAndSelect('poll.choices', 'choice')
        .where('poll.id = :id', { id })
        .orderBy('choice.id'),
      ({ choices }) => choices,
    );
    if (!poll) throw noSuch('poll');
    return new PollResults(poll);
  }
}
