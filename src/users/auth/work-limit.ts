/** Reports that the maximum number of tasks waits already. */
export class WorkLimitError extends Error {
  override readonly name = 'WorkLimitError';
}

/** Limits concurrent tasks. Further tasks wait in the order of their calls. */
export class WorkLimit {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /**
   * @param maxConcurrent maximum number of running tasks
   * @param maxWaiting maximum number of waiting tasks
   */
  constructor(
    private readonly maxConcurrent: number,
    private readonly maxWaiting: number,
  ) {}

  /**
   * Runs a task as soon as the limit allows.
   *
   * @throws WorkLimitError immediately, if the maximum number of tasks waits. Errors of `work` are rethrown
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < this.maxConcurrent) {
      this.running += 1;
    } else {
      if (this.waiting.length >= this.maxWaiting)
        throw new WorkLimitError(`The maximum of ${this.maxWaiting} waiting tasks is reached.`);
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      // Pass the slot to the next waiting task, so that a new call cannot overtake it.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
