import { at, type SourceChange } from './source-change.js';
import { filesWith, type SourceLine } from './source-files.js';

interface Rule {
  readonly pattern: RegExp;
  /** Files that have this take care of tenants already. */
  readonly unless?: RegExp;
  readonly change: string;
}

const KNOWS_TENANTS = /\b(?:TenantRunner|tenantContext|TenantContext|CurrentTenant)\b/;

const RULES: readonly Rule[] = [
  {
    pattern: /from ['"](?:jsonwebtoken|jose)['"]|require\(['"](?:jsonwebtoken|jose)['"]\)/,
    unless: /\b(?:assertTokenOfTenant|claimsOfTenant)\b/,
    change:
      'Sign claimsOfTenant({ … }), and check verified claims: assertTokenOfTenant(claims). ' +
      'Otherwise a token of one tenant is valid in all',
  },
  {
    pattern: /from ['"](?:express-session|cookie-session|@fastify\/(?:secure-)?session)['"]/,
    unless: KNOWS_TENANTS,
    change:
      "Keep the tenant's id in the session, and compare it in the guard. Otherwise a session of one tenant is valid in all",
  },
  {
    pattern:
      /@UseInterceptors\(.*\bCacheInterceptor\b|\buseClass:\s*CacheInterceptor\b|@Inject\(CACHE_MANAGER\)/,
    unless: KNOWS_TENANTS,
    change: "Put the tenant's id into each cache key. Otherwise tenants read each other's entries",
  },
  {
    pattern: /^@Processor\(/,
    unless: KNOWS_TENANTS,
    change: 'Put the tenant into each job, and work in it: runner.run(job.data.tenantId, …)',
  },
  {
    pattern: /^@Saga\(/,
    unless: KNOWS_TENANTS,
    change:
      'Put the tenant into events, and run the commands of the saga in it. The events of all tenants pass one stream, so that ' +
      'an operator such as concatMap or bufferCount continues in the tenant of another event',
  },
  {
    pattern: /^@HealthCheck\(/,
    unless: /@PublicRoute\(/,
    change: 'Add @PublicRoute() if the probe sends no tenant',
  },
];

/** Returns places of the source that may mix up tenants, or that have none. Their code decides whether a change is needed. */
export function findPlacesToCheck(lines: readonly SourceLine[]): SourceChange[] {
  return RULES.flatMap(({ pattern, unless, change }) => {
    const careful = unless ? filesWith(lines, unless) : new Set<string>();
    return lines
      .filter(({ file, text }) => pattern.test(text) && !careful.has(file))
      .map((line) => at(line, change));
  });
}
