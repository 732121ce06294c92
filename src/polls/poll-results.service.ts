import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { noSuch } from '../http/validation/id.pipe.js';
import { InjectTenantDataSource } from 'nest-tenant-schemas';
import { PollResults } from './dto/poll-results.dto.js';
import { Poll } from './poll.entity.js';
import { withVotes } from './votes/with-votes.js';

/**
 * Counts votes with the DataSource that is bound to the tenant of the request. This makes the provider request-scoped. It is
 * separate from the other services, so that these stay singletons.
 */
@Injectable()
export class PollResultsService {
  constructor(@InjectTenantDataSource() private readonly dataSource: DataSource) {}

  /** @throws NotFoundException if the poll does not exist */
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
