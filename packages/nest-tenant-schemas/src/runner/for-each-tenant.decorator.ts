import { Inject, Logger } from '@nestjs/common';
import type { Tenant } from '../interfaces/tenant.interface.js';
import { TenantRunner } from './tenant-runner.js';
import type { ForEachOptions, TenantResult } from './tenant-run.interface.js';

/** The property of a provider through which its methods reach the runner. */
const RUNNER = Symbol('TENANT_RUNNER');

type Method = (this: Provider, ...args: unknown[]) => unknown;

interface Provider {
  readonly [RUNNER]: TenantRunner;
}

/**
 * Makes a method of a provider run in every tenant, for example below `@Cron()` or `@OnEvent()`. The method's arguments are
 * the same in each tenant. It then returns a list of {@link TenantResult}. A failure is logged with the tenant's schema.
 *
 * @param options as for `TenantRunner.forEach`. With a function or `'throw'` as `onError`, nothing is logged
 */
export function ForEachTenant<T extends Tenant = Tenant>(
  options: ForEachOptions<T> = {},
): MethodDecorator {
  return (target, key, descriptor: PropertyDescriptor) => {
    Inject(TenantRunner)(target, RUNNER);
    const method = descriptor.value as Method;
    const logger = new Logger(target.constructor.name);
    const log = (error: unknown, { schema }: Tenant): void => {
      const problem = error instanceof Error ? error : new Error(String(error));
      logger.error(`${String(key)} failed in tenant ${schema}: ${problem.message}`, problem.stack);
    };
    const inEveryTenant = async function (
      this: Provider,
      ...args: unknown[]
    ): Promise<TenantResult<unknown>[]> {
      const { onError } = options as ForEachOptions;
      const results = await this[RUNNER].forEach(() => method.apply(this, args), {
        ...(options as ForEachOptions),
        onError: onError === undefined || onError === 'continue' ? log : onError,
      });
      for (const result of onError === 'stop' ? results : []) {
        if (result.status === 'rejected') log(result.reason, result.tenant);
      }
      return results;
    };
    descriptor.value = keepMetadata(method, inEveryTenant);
  };
}

/** Decorators below this one, such as `@Cron()`, have put their metadata on the method itself. */
function keepMetadata(from: object, to: object): object {
  for (const key of Reflect.getMetadataKeys(from) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, from), to);
  }
  return to;
}
