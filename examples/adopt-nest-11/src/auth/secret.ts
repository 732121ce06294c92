/** Signs the tokens. An application reads it from its environment. */
export const SECRET = process.env.AUTH_SECRET ?? 'a secret of the example'.padEnd(32, '.');
