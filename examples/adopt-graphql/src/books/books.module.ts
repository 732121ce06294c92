import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthorsModule } from '../authors/authors.module.js';
import { BookLoaders } from './book-loaders.js';
import { Book } from './book.entity.js';
import { BooksResolver } from './books.resolver.js';

@Module({
  imports: [TypeOrmModule.forFeature([Book]), AuthorsModule],
  providers: [BookLoaders, BooksResolver],
  exports: [BookLoaders],
})
export class BooksModule {}
