import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { User } from '../user';
import { UserRepository } from '../user.repository';
import { UserEntity } from './user.entity';

@Injectable()
export class RelationalUserRepository extends UserRepository {
  constructor(@InjectRepository(UserEntity) private readonly users: Repository<UserEntity>) {
    super();
  }

  create(user: Pick<User, 'email' | 'passwordHash'>): Promise<User> {
    return this.users.save(this.users.create(user));
  }

  findByEmail(email: string): Promise<User | null> {
    return this.users.findOne({ where: { email } });
  }

  findById(id: string): Promise<User | null> {
    return this.users.findOne({ where: { id } });
  }
}
