/** Configures the connection that notifies a process of changed tenants (LISTEN). */
export interface ChangeListenerOptions {
  /**
   * Names the channel, with 1 to 63 bytes. A trigger on the table of tenants must notify it with the id of
   * the changed row. The engine's `notifyChange` notifies it too.
   */
  readonly channel: string;
  /**
   * Sets the address of the server itself, because a transaction pooler does not deliver notifications.
   * Default: the address of the DataSource, or of its primary if it has replicas.
   */
  readonly url?: string | undefined;
}
