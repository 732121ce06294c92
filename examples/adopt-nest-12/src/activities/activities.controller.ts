import { Controller, Get } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Activity } from './activity.entity.js';

@Controller('activities')
export class ActivitiesController {
  constructor(@InjectRepository(Activity) private readonly activities: Repository<Activity>) {}

  @Get()
  list(): Promise<Activity[]> {
    return this.activities.find({ order: { id: 'ASC' } });
  }
}
