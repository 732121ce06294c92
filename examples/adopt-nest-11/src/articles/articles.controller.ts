import { Body, Controller, Get, Post, Request, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { UserEntity } from '../users/persistence/user.entity';
import { ArticleEntity } from './persistence/article.entity';

/** What the API shows of an article. */
interface ArticleView {
  readonly title: string;
  readonly author: string;
}

@Controller('articles')
@UseGuards(AuthGuard('jwt'))
export class ArticlesController {
  constructor(
    @InjectRepository(ArticleEntity) private readonly articles: Repository<ArticleEntity>,
  ) {}

  @Get()
  async list(): Promise<ArticleView[]> {
    return (await this.articles.find({ order: { id: 'ASC' } })).map(viewOf);
  }

  @Post()
  async write(
    @Body() { title }: { title: string },
    @Request() { user }: { user: UserEntity },
  ): Promise<ArticleView> {
    return viewOf(await this.articles.save({ title, author: user }));
  }
}

function viewOf({ title, author }: ArticleEntity): ArticleView {
  return { title, author: author.email };
}
