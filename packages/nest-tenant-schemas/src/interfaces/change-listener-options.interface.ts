/** Options of the connection by which a process learns of changed tenants (LISTEN). */
export interface ChangeListenerOptions {
  /**
   * Channel that a trigger on the table of tenants notifies with the id of the changed row. The engine's `notifyChange`
   * notifies it too. 1 to 63 bytes.
   */
  readonly channel: string;
  /**
   * Address of the server itself: a transaction pooler delivers no notifications. Default: the address of the DataSource,
   * of its primary if it has replicas.
   */
  readonly url?: string | undefined;
}
