import { Body, Controller, Get, Post } from '@nestjs/common';
import { InjectDataSource, InjectEntityManager } from '@nestjs/typeorm';
import { DataSource, EntityManager } from 'typeorm';
import { PathId } from '../../src/http/validation/id.pipe.js';
import { Poll } from '../../src/polls/poll.entity.js';

/** What else single-tenant features inject: the DataSource, an EntityManager; for transactions and raw SQL. */
@Controller('copies')
export class CopiesController {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @InjectEntityManager() private readonly manager: EntityManager,
  ) {}

  /** Copies a poll with its choices; `fail` breaks off when all is written, for the rollback to be seen. */
  @Post(':id')
  copy(
    @PathId('poll') id: number,
    @Body() { fail }: Record<string, unknown>,
  ): Promise<{ id: number }> {
    return this.manager.transaction(async (manager) => {
      const poll = await manager.findOneOrFail(Poll, {
        where: { id },
        relations: { choices: true },
      });
      const choices = poll.choices.map(({ choiceText }) => ({ choiceText }));
      const copy = await manager.save(manager.create(Poll, { question: poll.question, choices }));
      if (fail === true) throw new Error('Broken off, as asked.');
      return { id: copy.id };
    });
  }

  /** Raw SQL that takes the table's name from the metadata, and so names the right schema in both forms. */
  @Get('count')
  async count(): Promise<unknown> {
    const { tablePath } = this.dataSource.getMetadata(Poll);
    const [row] = (await this.dataSource.query(
      `SELECT count(*)::int AS polls FROM ${tablePath}`,
    )) as unknown[];
    return row;
  }
}
