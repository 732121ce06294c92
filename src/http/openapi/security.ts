import type { DocumentBuilder } from '@nestjs/swagger';

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
