// Tokens that belong to a tenant
export { assertTokenOfTenant, TENANT_CLAIM } from './token-of-tenant.js';
export { TenantJwtModule } from './tenant-jwt.module.js';
export { TenantJwtService } from './tenant-jwt.service.js';
export { TenantTokenError } from './tenant-token.error.js';
