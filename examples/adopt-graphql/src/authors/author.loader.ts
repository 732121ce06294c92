import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import DataLoader from 'dataloader';
import { In, Repository } from 'typeorm';
import { Author } from './author.entity.js';

/** Loads authors by id, with one query for all that are asked for at once. It keeps no author. */
@Injectable()
export class AuthorLoader {
  private readonly loader = new DataLoader<number, Author | undefined>(
    (ids) => this.findInOrder(ids),
    { cache: false },
  );

  constructor(@InjectRepository(Author) private readonly authors: Repository<Author>) {}

  load(id: number): Promise<Author | undefined> {
    return this.loader.load(id);
  }

  private async findInOrder(ids: readonly number[]): Promise<(Author | undefined)[]> {
    const authors = await this.authors.findBy({ id: In([...ids]) });
    const byId = new Map(authors.map((author) => [author.id, author]));
    return ids.map((id) => byId.get(id));
  }
}
