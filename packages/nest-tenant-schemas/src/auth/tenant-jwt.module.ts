import { type DynamicModule, Module } from '@nestjs/common';
import {
  JwtModule,
  type JwtModuleAsyncOptions,
  type JwtModuleOptions,
  JwtService,
} from '@nestjs/jwt';
import { TenantJwtService } from './tenant-jwt.service.js';

/**
 * Takes the place of `JwtModule` of `@nestjs/jwt`, with the same options. What is injected for `JwtService` is then a
 * `TenantJwtService`, so services and guards stay as they are.
 */
@Module({
  providers: [
    { provide: JwtService, useClass: TenantJwtService },
    { provide: TenantJwtService, useExisting: JwtService },
  ],
  exports: [JwtService, TenantJwtService],
})
export class TenantJwtModule {
  static register(options: JwtModuleOptions): DynamicModule {
    return { ...JwtModule.register(options), module: TenantJwtModule };
  }

  static registerAsync(options: JwtModuleAsyncOptions): DynamicModule {
    return { ...JwtModule.registerAsync(options), module: TenantJwtModule };
  }
}
