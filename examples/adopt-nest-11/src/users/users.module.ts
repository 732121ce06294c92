import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RelationalUserRepository } from './persistence/relational-user.repository';
import { UserEntity } from './persistence/user.entity';
import { UserRepository } from './user.repository';

@Module({
  imports: [TypeOrmModule.forFeature([UserEntity])],
  providers: [{ provide: UserRepository, useClass: RelationalUserRepository }],
  exports: [UserRepository],
})
export class UsersModule {}
