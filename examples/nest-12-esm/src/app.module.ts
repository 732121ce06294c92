import { Body, Controller, Get, Module, Post } from '@nestjs/common';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { TenantModule, tenantDataSourceOptions } from 'nest-tenant-schemas';
import { Repository } from 'typeorm';
import { CreateNotes1700000000000 } from './create-notes.migration.js';
import { Note } from './note.entity.js';

@Controller('notes')
class NotesController {
  constructor(@InjectRepository(Note) private readonly notes: Repository<Note>) {}

  @Get()
  list(): Promise<Note[]> {
    return this.notes.find();
  }

  @Post()
  add(@Body() { text }: Pick<Note, 'text'>): Promise<Note> {
    return this.notes.save({ text });
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot(
      tenantDataSourceOptions({ url: process.env.DATABASE_URL, entities: [Note] }),
    ),
    TenantModule.forRoot({ tenantMigrations: [CreateNotes1700000000000] }),
    TenantModule.forFeature([Note]),
  ],
  controllers: [NotesController],
})
export class AppModule {}
