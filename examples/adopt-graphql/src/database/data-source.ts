import { DataSource, type DataSourceOptions } from 'typeorm';
import { Author } from '../authors/author.entity.js';
import { Book } from '../books/book.entity.js';
import { CreateAuthor1716200000000 } from './migrations/1716200000000-CreateAuthor.js';
import { CreateBook1716300000000 } from './migrations/1716300000000-CreateBook.js';

/** The options of the application and of TypeORM's command line. */
export const dataSourceOptions: DataSourceOptions = {
  type: 'postgres',
  url: process.env.DATABASE_URL,
  entities: [Author, Book],
  migrations: [CreateAuthor1716200000000, CreateBook1716300000000],
  migrationsRun: true,
};

export default new DataSource(dataSourceOptions);
