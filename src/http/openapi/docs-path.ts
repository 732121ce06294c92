/** Path of the Swagger UI. The OpenAPI document is at `/docs-json` and `/docs-yaml`. */
export const DOCS_PATH = 'docs';
