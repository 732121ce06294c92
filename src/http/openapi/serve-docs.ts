import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { packageVersion } from '../../config/package-version.js';
import { ErrorBody } from '../errors/error-body.dto.js';
import { completeDocument } from './complete-document.js';
import { DOCS_PATH } from './docs-path.js';
import { addSecurity } from './security.js';

/** Serves the OpenAPI document and the Swagger UI. Call it before `app.init()`. */
export function serveDocs(app: INestApplication, tenantHeader: string): void {
  SwaggerModule.setup(DOCS_PATH, app, () => createDocument(app, tenantHeader), {
    customSiteTitle: TITLE,
    // The list of models would stand open below all routes.
    swaggerOptions: { persistAuthorization: true, defaultModelsExpandDepth: 0 },
  });
}

const TITLE = 'Tenant polls';

/** Returns the OpenAPI 3 document of the application. */
export function createDocument(app: INestApplication, tenantHeader: string): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle(TITLE)
    .setVersion(packageVersion())
    .setDescription(introduction(tenantHeader))
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/', 'The server of this document.')
    // The order on the page.
    .addTag('Tenants', 'Look up a tenant by its name.')
    .addTag('Polls', 'Polls, choices and votes of a tenant.')
    .addTag('Users', 'Users of a tenant, and their logins.')
    .addTag('Operator', 'All tenants, for operators.')
    .addTag('Health', 'Probes of the server.');
  const config = addSecurity(builder, tenantHeader).build();
  const document = SwaggerModule.createDocument(app, config, {
    extraModels: [ErrorBody],
    operationIdFactory: (controller, method) =>
      `${controller.replace(/Controller$/, '')}_${method}`,
  });
  return completeDocument(document, tenantHeader);
}

function introduction(tenantHeader: string): string {
  return (
    'Create a tenant with the command `tenant-schemas create-tenant`. ' +
    "Look up the tenant's `tenant_uuid` by its name at `/client`. " +
    `Send that UUID in the ${tenantHeader} header (“Authorize” here). Your requests then read and write only the data of ` +
    'that tenant.'
  );
}
