/** A tenant of the soak, and what the application has acknowledged of it. */
export class SoakTenant {
  /** Questions that a poll may have now, by its id: several when the answer to a change never came. */
  readonly polls = new Map<number, Set<string>>();
  /** Polls whose deletion was acknowledged. */
  readonly deleted = new Set<number>();
  /** Whether a request to suspend or to drop the tenant was sent. */
  mayBeSuspended = false;
  mayBeDropped = false;
  private readonly idle: number[] = [];
  private questions = 0;

  constructor(
    readonly id: string,
    readonly schema: string,
  ) {}

  /** A question that no other poll has. It carries the tenant's mark. */
  nextQuestion(): string {
    return `${this.id} ${++this.questions}`;
  }

  owns(question: string): boolean {
    return question.startsWith(`${this.id} `);
  }

  made(poll: number, question: string): void {
    this.polls.set(poll, new Set([question]));
    this.idle.push(poll);
  }

  /** Takes a poll, which no other worker uses until {@link putBack}. */
  take(): number | undefined {
    return this.idle.shift();
  }

  putBack(poll: number): void {
    this.idle.push(poll);
  }
}
