import { requireRegistryMethods } from '../../core/require-registry-methods.js';
import { TenancyOptionsError } from '../../errors/tenancy-options.error.js';
import type { ChangeListenerOptions } from '../../interfaces/change-listener-options.interface.js';
import type {
  TenantAnnouncer,
  TenantRegistry,
} from '../../interfaces/tenant-registry.interface.js';
import { PostgresAnnouncer } from './postgres-announcer.js';

/** Limits channel names. PostgreSQL truncates longer ones. */
const MAX_CHANNEL_BYTES = 63;

/**
 * Returns the announcer of changes: PostgreSQL if there is a listener, otherwise the registry. Its methods
 * throw `TenancyOptionsError` if the registry lacks them.
 *
 * @throws TenancyOptionsError if both would announce changes, or if PostgreSQL does not accept the channel
 */
export function announcerOf(
  registry: TenantRegistry,
  changeListener: ChangeListenerOptions | undefined,
): TenantAnnouncer {
  if (changeListener) {
    assertOnlyAnnouncer(registry);
    assertChannel(changeListener.channel);
    return new PostgresAnnouncer(changeListener.channel);
  }
  return {
    onChange: (callback) => requireRegistryMethods(registry, 'onChange').onChange(callback),
    notifyChange: async (manager, tenant) =>
      requireRegistryMethods(registry, 'notifyChange').notifyChange(manager, tenant),
  };
}

function assertOnlyAnnouncer({ onChange, notifyChange }: TenantRegistry): void {
  if (!onChange && !notifyChange) return;
  throw new TenancyOptionsError(
    'TenantModule: changeListener',
    'must be omitted if the registry announces changes itself (onChange, notifyChange). Remove one of the two.',
  );
}

function assertChannel(channel: unknown): void {
  const isValid =
    typeof channel === 'string' &&
    channel !== '' &&
    !channel.includes('\0') &&
    Buffer.byteLength(channel) <= MAX_CHANNEL_BYTES;
  if (isValid) return;
  throw new TenancyOptionsError(
    'TenantModule: changeListener.channel',
    `must be a name of 1 to ${MAX_CHANNEL_BYTES} bytes without NUL (got ${JSON.stringify(channel)}).`,
  );
}
