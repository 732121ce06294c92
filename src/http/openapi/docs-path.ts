/** Where the Swagger UI is; the document itself is at `/docs-json` and `/docs-yaml`. */
export const DOCS_PATH = 'docs';
