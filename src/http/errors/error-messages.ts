/** Messages that more than one place needs: what answers, and what documents it. */
export const DATABASE_AWAY = 'The database cannot be reached at the moment. Try again shortly.';
export const DATABASE_SLOW = 'The database took too long to answer. Try again shortly.';
export const UNDONE_FOR_ANOTHER =
  'The request was undone, as it and another one waited for each other. Send it again.';
export const TENANT_RENAMED = 'The tenant was renamed while the request ran. Send it again.';
export const TENANT_DATA_MISSING =
  'The data of this tenant is missing in the database. Ask the operator.';
export const SHUTTING_DOWN = 'The server is shutting down. Another one takes over shortly.';
export const REQUEST_TIMED_OUT = 'The request did not arrive in time. Send it again, faster.';
export const TOO_MANY_REQUESTS = 'Too many requests. Wait as long as Retry-After says.';
export const HEADERS_TOO_LARGE =
  'The headers of the request are larger than 16 KB together. Send fewer or shorter ones.';
export const NOT_HTTP =
  'The request is not valid HTTP. Look for control characters in its first line and its headers.';
export const PATH_TOO_LONG = 'The path is longer than any id can be. Check it.';
export const NO_HOST = 'Send a Host header, as every HTTP/1.1 request must.';
export const NOT_AN_OPERATOR = 'Send the operator key, as Authorization: Bearer <OPERATOR_KEY>.';
export const NOT_AN_OBJECT = 'The body must be a JSON object: {…} with the fields listed at /docs.';
export const NESTED_TOO_DEEPLY = 'The body must not be nested deeper than 10 levels.';
export const NOT_JSON = 'Send JSON, with the header Content-Type: application/json.';
export const ENCODED =
  'Send the body without Content-Encoding. The server does not decompress bodies.';
export const LOG_IN = 'Log in at /login, and send the token: Authorization: Bearer <token>.';
export const REGISTRATION_CLOSED =
  "Only an admin of this tenant or the operator can register users here. Send an admin's token, or the operator key, as Authorization: Bearer <token>.";
export const BAD_TOKEN = 'The token is not good in this tenant, or not any more. Log in again.';

/** For a path, or a method of a path, that no route has. */
export const noRoute = (method: string): string =>
  `Nothing answers ${method} at this path. All routes are listed at /docs.`;

/** @param id what the log has the error under */
export const internalError = (id: string): string =>
  `Something went wrong here. Report it with this id: ${id}.`;
