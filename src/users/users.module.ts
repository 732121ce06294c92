import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { type Tenant, TenantModule } from 'nest-tenant-schemas';
import { AccessTokens } from './auth/access-tokens.js';
import { AuthGuard } from './auth/auth.guard.js';
import { Authenticator } from './auth/authenticator.js';
import { PasswordHasher } from './auth/password-hasher.js';
import { User } from './user.entity.js';
import { UserCache } from './user-cache.js';
import { UsersController } from './users.controller.js';
import { USERS_OPTIONS, type UsersModuleOptions } from './users.options.js';
import { UsersService } from './users.service.js';

/**
 * Provides the users of each tenant, and the guard that authenticates them. Import it after `TenantModule`, because that guard
 * must run first. It also needs `OperatorsModule`.
 */
@Module({})
export class UsersModule {
  static forRoot<T extends Tenant>(options: UsersModuleOptions<T>): DynamicModule {
    return {
      module: UsersModule,
      imports: [TenantModule.forFeature([User])],
      controllers: [UsersController],
      providers: [
        { provide: USERS_OPTIONS, useValue: options },
        {
          provide: AccessTokens,
          useFactory: () => new AccessTokens(options.secrets, options.tokenTtlSeconds),
        },
        PasswordHasher,
        UsersService,
        UserCache,
        Authenticator,
        { provide: APP_GUARD, useClass: AuthGuard },
      ],
    };
  }
}
