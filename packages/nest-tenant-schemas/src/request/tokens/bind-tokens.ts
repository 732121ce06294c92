import type { ModulesContainer } from '@nestjs/core';
import { findTokenServices } from './token-services.js';

/**
 * Binds the tokens of an application to their tenants. Otherwise a token of one tenant is valid in every other tenant, because
 * all have the same secret.
 *
 * @param option the option `bindTokens` of `TenantModule`
 * @returns warnings about providers whose tokens belong to no tenant
 */
export function bindTokens(modules: ModulesContainer, option: boolean | undefined): string[] {
  if (option === false) return [];
  const unbound = findTokenServices(modules).filter(({ isBound }) => !isBound);
  const names = (services: typeof unbound): string => services.map(({ name }) => name).join(', ');
  if (option === undefined) {
    const silent = unbound.filter(({ seemsToCheck }) => !seemsToCheck);
    if (silent.length === 0) return [];
    return [
      `A token of one tenant is valid in all others: ${names(silent)}. Set bindTokens: true in ` +
        'TenantModule.forRoot(), or false if all tenants share the tokens.',
    ];
  }
  for (const service of unbound) if (!service.isRequestScoped) service.bind();
  const left = unbound.filter(({ isRequestScoped }) => isRequestScoped);
  return left.length === 0
    ? []
    : [
        `bindTokens cannot change request-scoped providers: ${names(left)}. Use TenantJwtModule for them.`,
      ];
}
