/** Holds requests until as many have arrived as are expected, and passes them on in the same tick. */
export class Together {
  private expected = 1;
  private readonly held: (() => void)[] = [];

  /** A middleware of Express. */
  readonly hold = (_request: unknown, _response: unknown, next: () => void): void => {
    this.held.push(next);
    if (this.held.length === this.expected) for (const pass of this.held.splice(0)) pass();
  };

  /** Sends requests, of which none is handled before all have arrived. */
  async send<T>(...requests: (() => Promise<T>)[]): Promise<T[]> {
    this.expected = requests.length;
    try {
      return await Promise.all(requests.map((request) => request()));
    } finally {
      this.expected = 1;
    }
  }
}
