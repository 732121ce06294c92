/** System calls that fail if an address is not available. The primary binds the address for a worker. */
const LISTENING = new Set(['listen', 'bind', 'getaddrinfo']);

/** Returns the message for a failed start: the reason and the next action, without a stack. */
export function startUpProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, syscall, port, address, hostname } = error as Error & Record<string, unknown>;
  if (!LISTENING.has(String(syscall))) return error.message;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${String(port)} is in use. Stop the process that listens on it, or set PORT to another port.`;
    case 'EACCES':
      return `Port ${String(port)} requires privileges that this user does not have. Set PORT to 1024 or above.`;
    case 'EADDRNOTAVAIL':
      return `HOST ${String(address)} is not an address of this machine. Set it to 127.0.0.1 or 0.0.0.0.`;
    case 'ENOTFOUND':
      return `HOST ${String(hostname)} cannot be resolved. Set it to 127.0.0.1 or 0.0.0.0.`;
    default:
      return error.message;
  }
}
