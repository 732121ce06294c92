import { UnauthorizedException } from '@nestjs/common';

/** Rejects a token that was not issued in the current tenant. Nest answers it with 401, also if nothing catches it. */
export class TenantTokenError extends UnauthorizedException {
  constructor() {
    super('The token is not valid in this tenant.');
  }
}
