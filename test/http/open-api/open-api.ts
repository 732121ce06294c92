// The parts of an OpenAPI document that the specs look at, and ways through it.

export interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly security?: unknown[];
  readonly parameters?: { readonly name: string; readonly in: string }[];
  readonly requestBody?: unknown;
  readonly responses: Record<string, Response>;
}

interface Response {
  readonly content?: {
    readonly 'application/json'?: {
      readonly examples?: Record<string, { readonly value: ErrorExample }>;
    };
  };
}

interface ErrorExample {
  readonly statusCode: number;
  readonly code: string;
}

export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly securitySchemes: unknown };
}

/** Every operation, with its method and path as its name. */
export function operationsOf({
  paths,
}: OpenApi): { name: string; path: string; operation: Operation }[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method} ${path}`,
      path,
      operation,
    })),
  );
}

/** The examples of an operation's errors, with the status that they stand under. */
export function examplesOf(
  operation: Operation | undefined,
): { status: number; value: ErrorExample }[] {
  return Object.entries(operation?.responses ?? {})
    .filter(([status]) => Number(status) >= 400)
    .flatMap(([status, { content }]) =>
      Object.values(content?.['application/json']?.examples ?? {}).map(({ value }) => ({
        status: Number(status),
        value,
      })),
    );
}

/** Every `$ref` in a part of a document. */
export function refsOf(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  const { $ref } = part as { $ref?: unknown };
  return [...(typeof $ref === 'string' ? [$ref] : []), ...Object.values(part).flatMap(refsOf)];
}

/** What a `$ref` refers to, or undefined. */
export function resolveRef(document: unknown, ref: string): unknown {
  return ref
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], document);
}
