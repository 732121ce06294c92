/** Messages of error answers. The OpenAPI document contains them, too. */
export const DATABASE_UNREACHABLE =
  'The database cannot be reached at the moment. Try again shortly.';
export const DATABASE_SLOW = 'The database took too long to answer. Try again shortly.';
export const TRANSACTION_CONFLICT =
  'The request was rolled back because it conflicted with another request. Retry it.';
export const TENANT_RENAMED = 'The tenant was renamed while the request ran. Send it again.';
export const TENANT_DATA_MISSING =
  'The data of this tenant is missing in the database. Ask the operator.';
export const SHUTTING_DOWN = 'The server is shutting down. Retry shortly, or use another server.';
export const REQUEST_TIMED_OUT = 'The request did not arrive within a minute. Send it again.';
export const TOO_MANY_REQUESTS =
  'Too many requests. Retry after the seconds in the Retry-After header.';
export const HEADERS_TOO_LARGE =
  'The request headers are larger than 16 KB. Send fewer or shorter headers.';
export const BODY_TOO_LARGE = 'The request body is larger than 100 KB. Send less data.';
export const NOT_HTTP =
  'The request is not valid HTTP. Look for control characters in its first line and its headers.';
export const PATH_TOO_LONG = 'The path is too long. Check the id in it.';
export const NO_HOST = 'Send a Host header. HTTP/1.1 requires it.';
export const NOT_AN_OPERATOR = 'Send the operator key, as Authorization: Bearer <OPERATOR_KEY>.';
export const NOT_AN_OBJECT = 'The body must be a JSON object: {…} with the fields listed at /docs.';
export const NESTED_TOO_DEEPLY = 'The body must not be nested deeper than 10 levels.';
export const NOT_JSON = 'Send JSON, with the header Content-Type: application/json.';
export const ENCODED =
  'Send the body without Content-Encoding. The server does not decompress bodies.';
export const LOG_IN = 'Log in at /login, and send the token: Authorization: Bearer <token>.';
export const REGISTRATION_CLOSED =
  "Only an admin of this tenant or the operator can register users here. Send an admin's token, or the operator key, as Authorization: Bearer <token>.";
export const BAD_TOKEN = 'The token is not valid in this tenant, or no longer valid. Log in again.';

/** Returns the message for a path without a route, or a method that a path does not support. */
export const noRoute = (method: string): string =>
  `No route answers ${method} at this path. See all routes at /docs.`;

/**
 * Returns the message of an internal error.
 *
 * @param id of the error in the log
 */
export const internalError = (id: string): string =>
  `The server failed to answer. Report this id to the operator: ${id}.`;
