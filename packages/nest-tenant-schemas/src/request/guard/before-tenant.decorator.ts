import { SetMetadata } from '@nestjs/common';

/** Marks classes of guards that run before the tenant is known. */
export const BEFORE_TENANT = Symbol('BEFORE_TENANT');

/**
 * Lets a global guard run before the tenant is looked up, for example one that limits the requests of an address. All other
 * global guards run in the tenant.
 */
export const BeforeTenant = (): ClassDecorator => SetMetadata(BEFORE_TENANT, true);
