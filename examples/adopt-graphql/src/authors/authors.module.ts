import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Author } from './author.entity.js';
import { AuthorLoader } from './author.loader.js';
import { AuthorsResolver } from './authors.resolver.js';

@Module({
  imports: [TypeOrmModule.forFeature([Author])],
  providers: [AuthorLoader, AuthorsResolver],
  exports: [AuthorLoader],
})
export class AuthorsModule {}
