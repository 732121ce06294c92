import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import DataLoader from 'dataloader';
import { In, Repository } from 'typeorm';
import { Book } from './book.entity.js';

/** What each GraphQL request has of its own. */
export interface GraphqlContext {
  readonly booksOfAuthor: DataLoader<number, Book[]>;
}

@Injectable()
export class BookLoaders {
  constructor(@InjectRepository(Book) private readonly books: Repository<Book>) {}

  /** Returns a loader of the books of authors for one request. */
  create(): DataLoader<number, Book[]> {
    return new DataLoader(async (authorIds) => {
      const books = await this.books.find({
        where: { authorId: In([...authorIds]) },
        order: { id: 'ASC' },
      });
      return authorIds.map((id) => books.filter(({ authorId }) => authorId === id));
    });
  }
}
