import { type DynamicModule, Module } from '@nestjs/common';
import type { Actor } from './actor.interface.js';
import { AuditLog } from './audit-log.js';

/** The audit log, for every feature that changes tenants. */
@Module({})
export class AuditModule {
  /** @param actor who the changes of this process are put down to */
  static forRoot(actor: Actor): DynamicModule {
    return {
      module: AuditModule,
      global: true,
      providers: [{ provide: AuditLog, useFactory: () => new AuditLog(actor) }],
      exports: [AuditLog],
    };
  }
}
