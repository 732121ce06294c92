/** What the system was asked for when an address could not be had: a worker has it bound by the primary. */
const LISTENING = new Set(['listen', 'bind', 'getaddrinfo']);

/** Why the server did not start, for a person at a terminal: no stack, with what to do. */
export function startUpProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, syscall, port, address, hostname } = error as Error & Record<string, unknown>;
  if (!LISTENING.has(String(syscall))) return error.message;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${String(port)} is in use. Stop what listens there, or set PORT to another one.`;
    case 'EACCES':
      return `Port ${String(port)} is not allowed to this user. Set PORT to 1024 or above.`;
    case 'EADDRNOTAVAIL':
      return `HOST ${String(address)} is no address of this machine. Set it to 127.0.0.1 or 0.0.0.0.`;
    case 'ENOTFOUND':
      return `HOST ${String(hostname)} is not known. Set it to 127.0.0.1 or 0.0.0.0.`;
    default:
      return error.message;
  }
}
