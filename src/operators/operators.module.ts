import { type DynamicModule, Module } from '@nestjs/common';
import { OperatorKey } from './operator-key.js';
import { OperatorGuard } from './operator.guard.js';

/** Provides the operator key and its guard to all modules. */
@Module({})
export class OperatorsModule {
  /** @param operatorKey undefined rejects every key */
  static forRoot(operatorKey: string | undefined): DynamicModule {
    return {
      module: OperatorsModule,
      global: true,
      providers: [
        { provide: OperatorKey, useFactory: () => new OperatorKey(operatorKey) },
        OperatorGuard,
      ],
      exports: [OperatorKey, OperatorGuard],
    };
  }
}
