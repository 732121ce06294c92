// Tokens that belong to a tenant
export { assertTokenOfTenant, claimsOfTenant, TENANT_CLAIM, TenantTokenError } from '../index.js';
export { TenantJwtModule } from './tenant-jwt.module.js';
export { TenantJwtService } from './tenant-jwt.service.js';
