import { type DynamicModule, Module } from '@nestjs/common';
import type { Actor } from './actor.interface.js';
import { AuditLog } from './audit-log.js';

/** Provides the audit log to all modules. */
@Module({})
export class AuditModule {
  /** @param actor recorded in each entry of this process */
  static forRoot(actor: Actor): DynamicModule {
    return {
      module: AuditModule,
      global: true,
      providers: [{ provide: AuditLog, useFactory: () => new AuditLog(actor) }],
      exports: [AuditLog],
    };
  }
}
