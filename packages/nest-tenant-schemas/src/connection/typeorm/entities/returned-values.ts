let isMerging = false;

/** Runs TypeORM's synchronous copy of returned columns into the entities that it wrote. */
export function mergeReturned<T>(merge: () => T): T {
  const outer = isMerging;
  isMerging = true;
  try {
    return merge();
  } finally {
    isMerging = outer;
  }
}

/** Returns whether TypeORM is copying returned columns. The entity was checked before the statement. */
export function isMergingReturned(): boolean {
  return isMerging;
}
