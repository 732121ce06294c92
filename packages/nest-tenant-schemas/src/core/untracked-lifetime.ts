/** How long a cached tenant is trusted, in milliseconds, if no change of it would be noticed. */
export const UNTRACKED_LIFETIME_MS = 5_000;
