/** Thrown when too much work waits already. */
export class WorkLimitError extends Error {
  override readonly name = 'WorkLimitError';
}

/** Lets only so much work be done at once; more waits for its turn, in the order in which it came. */
export class WorkLimit {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /**
   * @param mostAtOnce how many pieces of work may be under way
   * @param mostWaiting how many may wait besides
   */
  constructor(
    private readonly mostAtOnce: number,
    private readonly mostWaiting: number,
  ) {}

  /** @throws WorkLimitError at once, when as much waits as may, or what `work` throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < this.mostAtOnce) {
      this.running += 1;
    } else {
      if (this.waiting.length >= this.mostWaiting) throw new WorkLimitError('Too much work waits.');
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      // The turn is handed on, so that nobody who comes now is served before who waits.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
