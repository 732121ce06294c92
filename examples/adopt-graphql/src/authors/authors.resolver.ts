import { NotFoundException } from '@nestjs/common';
import {
  Args,
  Context,
  Int,
  Mutation,
  Parent,
  Query,
  ResolveField,
  Resolver,
} from '@nestjs/graphql';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { GraphqlContext } from '../books/book-loaders.js';
import { Book } from '../books/book.entity.js';
import { Author } from './author.entity.js';
import { AuthorLoader } from './author.loader.js';

@Resolver(() => Author)
export class AuthorsResolver {
  constructor(
    @InjectRepository(Author) private readonly repository: Repository<Author>,
    private readonly loader: AuthorLoader,
  ) {}

  @Query(() => [Author])
  authors(): Promise<Author[]> {
    return this.repository.find({ order: { id: 'ASC' } });
  }

  @Query(() => Author)
  async author(@Args('id', { type: () => Int }) id: number): Promise<Author> {
    const author = await this.loader.load(id);
    if (!author) throw new NotFoundException(`There is no author ${id}.`);
    return author;
  }

  @Mutation(() => Author)
  createAuthor(@Args('name', { type: () => String }) name: string): Promise<Author> {
    return this.repository.save(this.repository.create({ name }));
  }

  @ResolveField(() => [Book])
  books(@Parent() { id }: Author, @Context() { booksOfAuthor }: GraphqlContext): Promise<Book[]> {
    return booksOfAuthor.load(id);
  }
}
