import type { ModulesContainer } from '@nestjs/core';
import { findTokenServices, type TokenService } from './token-services.js';

/**
 * Binds the tokens of an application to their tenants. Otherwise a token of one tenant is valid in every other tenant, because
 * all have the same secret.
 *
 * @param option the option `bindTokens` of `TenantModule`
 * @returns warnings about providers whose tokens belong to no tenant
 */
export function bindTokens(modules: ModulesContainer, option: boolean | undefined): string[] {
  if (option === false) return [];
  const services = findTokenServices(modules);
  if (option === undefined) {
    const unbound = services.filter(({ seemsBound }) => !seemsBound);
    if (unbound.length === 0) return [];
    return [
      `A token of one tenant is valid in all others: ${namesOf(unbound)}. Set bindTokens: true in ` +
        'TenantModule.forRoot(), or false if all tenants share the tokens.',
    ];
  }
  for (const { isSingleton, bind } of services) if (isSingleton) bind();
  const left = services.filter(({ isSingleton, seemsBound }) => !isSingleton && !seemsBound);
  if (left.length === 0) return [];
  return [
    `bindTokens cannot change request-scoped or transient providers: ${namesOf(left)}. Use TenantJwtModule for them.`,
  ];
}

const namesOf = (services: readonly TokenService[]): string =>
  services.map(({ name }) => name).join(', ');
