import { applyDecorators } from '@nestjs/common';
import { ApiExtension, ApiSecurity, type DocumentBuilder } from '@nestjs/swagger';
import { ApiErrors } from './api-errors.decorator.js';

/** Names of the security schemes: the tenant header, the token of a user, and the operator key. */
export const TENANT_SECURITY = 'tenant';
export const USER_SECURITY = 'user';
export const OPERATOR_SECURITY = 'operator';

/** Documents the security schemes. */
export function addSecurity(builder: DocumentBuilder, tenantHeader: string): DocumentBuilder {
  return (
    builder
      .addSecurity(OPERATOR_SECURITY, {
        type: 'http',
        scheme: 'bearer',
        description: 'The key of operators: `OPERATOR_KEY`.',
      })
      .addSecurity(USER_SECURITY, {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description:
          "A user's `token`, which `/login` returns. It is valid only in the user's tenant.",
      })
      // The page puts the cursor into the last one, and scrolls to it.
      .addApiKey(
        {
          type: 'apiKey',
          in: 'header',
          name: tenantHeader,
          description: "The tenant's `tenant_uuid`, which `/client` returns.",
        },
        TENANT_SECURITY,
      )
  );
}

/** How a tenant's route uses a user's token. */
export type LoginUse = 'required' | 'optional' | 'ignored';

/** The extension that {@link takeSecurity} reads. */
const LOGIN_MARK = 'x-login';

/** Documents how a route, or all routes of a controller, use a user's token. The route overrides its controller. */
export function ApiLogin(use: LoginUse): ClassDecorator & MethodDecorator {
  const errors = use === 'ignored' ? [] : [ApiErrors('UNAUTHENTICATED')];
  return applyDecorators(ApiExtension(LOGIN_MARK, use), ...errors);
}

/** Documents that a route accepts the token of an admin, or the operator key. Tenants with `access: members` require one. */
export function ApiRegistration(): MethodDecorator {
  return applyDecorators(
    ApiSecurity({ [TENANT_SECURITY]: [], [USER_SECURITY]: [] }),
    ApiSecurity({ [TENANT_SECURITY]: [], [OPERATOR_SECURITY]: [] }),
  );
}

type Requirements = Record<string, string[]>[];

/**
 * Removes the extension of `ApiLogin` from an operation.
 *
 * @returns the alternative security requirements of the operation. Empty for a public operation
 */
export function takeSecurity(operation: {
  security?: Requirements;
  [mark: string]: unknown;
}): Requirements {
  const use = operation[LOGIN_MARK];
  delete operation[LOGIN_MARK];
  const marked = operation.security ?? [];
  if (use !== 'required' && use !== 'optional') return marked;
  const withToken = marked.map((needed) => ({ ...needed, [USER_SECURITY]: [] }));
  return use === 'required' ? withToken : [...marked, ...withToken];
}
