/** Facts of the start-up banner. */
export interface StartUpFacts {
  readonly url: string;
  /** One line, without a password. */
  readonly database: string;
  readonly tenantHeader: string;
  /** The generated operator key, if the server generated one. */
  readonly operatorKey?: string | undefined;
  readonly tenants: number;
  /** UUID of a tenant for the example. Undefined in production. */
  readonly tenantToTry?: string | undefined;
}

/** Returns the lines that the server prints when it listens. The last line is a command to try. */
export function startUpBanner(facts: StartUpFacts): string {
  return [
    '',
    `  API       ${facts.url}`,
    `  Docs      ${facts.url}/docs`,
    `  Database  ${facts.database}`,
    `  Tenants   ${facts.tenants}`,
    ...(facts.operatorKey === undefined ? [] : [`  Operator  key ${facts.operatorKey}`]),
    '',
    ...nextStep(facts).map((line) => `  ${line}`),
    '',
    '',
  ].join('\n');
}

function nextStep({ url, tenantHeader, tenants, tenantToTry }: StartUpFacts): string[] {
  if (tenants === 0) {
    return [
      'Create a tenant in another terminal:',
      '  npm run -s cli -- create-tenant --name Pollsmaster --schema pollsmaster',
    ];
  }
  return [
    'Read the polls of a tenant in another terminal:',
    `  curl -H '${tenantHeader}: ${tenantToTry ?? '<tenant_uuid>'}' ${url}/polls`,
  ];
}
