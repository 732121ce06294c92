import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthorsModule } from './authors/authors.module.js';
import { BookLoaders } from './books/book-loaders.js';
import { BooksModule } from './books/books.module.js';
import { dataSourceOptions } from './database/data-source.js';

@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      useFactory: () => dataSourceOptions,
    }),
    GraphQLModule.forRootAsync<ApolloDriverConfig>({
      driver: ApolloDriver,
      imports: [BooksModule],
      inject: [BookLoaders],
      useFactory: (loaders: BookLoaders) => ({
        autoSchemaFile: true,
        context: () => ({ booksOfAuthor: loaders.create() }),
      }),
    }),
    AuthorsModule,
    BooksModule,
  ],
})
export class AppModule {}
