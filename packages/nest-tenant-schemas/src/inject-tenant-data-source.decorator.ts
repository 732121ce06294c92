import { Inject } from '@nestjs/common';
import { TENANT_DATA_SOURCE } from './tenancy.constants.js';

/**
 * Injects the DataSource bound to the request's tenant, for good: a stream, a timer or a queue that
 * carries it stays with that tenant. The injecting provider becomes request-scoped; on hot paths use
 * `@InjectRepository()`, which follows the current tenant as a singleton.
 */
export const InjectTenantDataSource = (): PropertyDecorator & ParameterDecorator =>
  Inject(TENANT_DATA_SOURCE);
