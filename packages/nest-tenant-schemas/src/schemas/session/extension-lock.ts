/** Matches blanks and comments between two words. */
const GAP = String.raw`(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+`;

const CREATES_EXTENSION = new RegExp(String.raw`\bCREATE${GAP}EXTENSION\b`, 'i');

/** Returns whether a statement creates an extension, also in a DO block. */
export const createsExtension = (text: string): boolean => CREATES_EXTENSION.test(text);

/**
 * Lets one transaction at a time create extensions. A database has each extension once, and `IF NOT EXISTS`
 * does not see one that another transaction is creating.
 */
export const LOCK_EXTENSIONS =
  "SELECT pg_advisory_xact_lock(hashtextextended('tenant-schemas extensions', 0))";
