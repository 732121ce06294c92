import { Inject } from '@nestjs/common';
import { TENANT_DATA_SOURCE } from './tenancy.constants.js';

/**
 * Injects a DataSource that is permanently bound to the request's tenant. Streams, timers and queues that use
 * it stay with that tenant. The injecting provider becomes request-scoped. On hot paths use
 * `@InjectRepository()`: a singleton that follows the current tenant.
 */
export const InjectTenantDataSource = (): PropertyDecorator & ParameterDecorator =>
  Inject(TENANT_DATA_SOURCE);
