/** What a person wants to know once the server listens. */
export interface StartUpFacts {
  readonly url: string;
  /** One line, without a password. */
  readonly database: string;
  readonly tenantHeader: string;
  /** The key that was made up, where one was. */
  readonly operatorKey?: string | undefined;
  readonly tenants: number;
  /** UUID of a tenant to try, where it may be shown. */
  readonly tenantToTry?: string | undefined;
}

/** The lines that the server prints when it listens; the last one is the next thing to type. */
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
