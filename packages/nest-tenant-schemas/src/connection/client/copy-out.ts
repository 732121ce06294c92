import type { TenantConnection } from '../wire/tenant-connection.js';
import type { CopyOut } from './statement.js';

/** Binds the text of a COPY ahead of its stream, when its turn comes: what the server answers to the binding is not the stream's. */
export function submitBound(copy: CopyOut): void {
  const { submit } = copy;
  copy.submit = (connection: TenantConnection) =>
    connection.bindAhead(copy.text, () => submit.call(copy, connection));
}
