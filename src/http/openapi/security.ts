import { applyDecorators } from '@nestjs/common';
import { ApiExtension, ApiSecurity, type DocumentBuilder } from '@nestjs/swagger';
import { ApiErrors } from './api-errors.decorator.js';

/** Names of the security schemes: the tenant header, a user's token, the operator key. */
export const TENANT_SECURITY = 'tenant';
export const USER_SECURITY = 'user';
export const OPERATOR_SECURITY = 'operator';

/** Documents what requests can carry. */
export function addSecurity(builder: DocumentBuilder, tenantHeader: string): DocumentBuilder {
  return builder
    .addApiKey(
      {
        type: 'apiKey',
        in: 'header',
        name: tenantHeader,
        description: "The tenant's `tenant_uuid`, as `/client` tells it.",
      },
      TENANT_SECURITY,
    )
    .addSecurity(USER_SECURITY, {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: "A user's `token`, as `/login` gives it. It is good in the user's tenant only.",
    })
    .addSecurity(OPERATOR_SECURITY, {
      type: 'http',
      scheme: 'bearer',
      description: 'The key of operators: `OPERATOR_KEY`.',
    });
}

/** What a tenant's route makes of a user's token. */
export type LoginUse = 'required' | 'optional' | 'ignored';

/** The mark that {@link takeSecurity} reads. */
const LOGIN_MARK = 'x-login';

/** Documents what a controller's routes, or one route, make of a user's token; the route's own mark wins. */
export function ApiLogin(use: LoginUse): ClassDecorator & MethodDecorator {
  const errors = use === 'ignored' ? [] : [ApiErrors('UNAUTHENTICATED')];
  return applyDecorators(ApiExtension(LOGIN_MARK, use), ...errors);
}

/** Documents that a route of a tenant takes an admin's token or the operator key, and needs one for some tenants. */
export function ApiRegistration(): MethodDecorator {
  return applyDecorators(
    ApiSecurity({ [TENANT_SECURITY]: [], [USER_SECURITY]: [] }),
    ApiSecurity({ [TENANT_SECURITY]: [], [OPERATOR_SECURITY]: [] }),
  );
}

type Requirements = Record<string, string[]>[];

/**
 * Takes the mark of a token's use from an operation.
 *
 * @returns what the operation needs, each a way in: nothing, where nothing is marked
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
