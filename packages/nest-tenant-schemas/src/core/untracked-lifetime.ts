/** Limits how long a cached tenant stays valid, in milliseconds, if the engine cannot notice its changes. */
export const UNTRACKED_LIFETIME_MS = 5_000;
