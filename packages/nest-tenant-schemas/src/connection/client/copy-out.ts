import type { TenantConnection } from '../wire/tenant-connection.js';
import type { CopyOut } from './statement.js';

/** Binds the text of a COPY before its stream starts. The stream then never reads the answers to the binding. */
export function submitBound(copy: CopyOut): void {
  const { submit } = copy;
  copy.submit = (connection: TenantConnection) =>
    connection.bindAhead(copy.text, () => submit.call(copy, connection));
}
