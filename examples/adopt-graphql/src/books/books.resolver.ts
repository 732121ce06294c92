import { NotFoundException } from '@nestjs/common';
import { Args, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Author } from '../authors/author.entity.js';
import { AuthorLoader } from '../authors/author.loader.js';
import { Book } from './book.entity.js';

@Resolver(() => Book)
export class BooksResolver {
  constructor(
    @InjectRepository(Book) private readonly repository: Repository<Book>,
    private readonly authors: AuthorLoader,
  ) {}

  @Query(() => [Book])
  books(): Promise<Book[]> {
    return this.repository.find({ order: { id: 'ASC' } });
  }

  @Mutation(() => Book)
  async createBook(
    @Args('title', { type: () => String }) title: string,
    @Args('authorId', { type: () => Int }) authorId: number,
  ): Promise<Book> {
    if (!(await this.authors.load(authorId))) {
      throw new NotFoundException(`There is no author ${authorId}.`);
    }
    return this.repository.save(this.repository.create({ title, authorId }));
  }

  @ResolveField(() => Author)
  author(@Parent() { authorId }: Book): Promise<Author | undefined> {
    return this.authors.load(authorId);
  }
}
