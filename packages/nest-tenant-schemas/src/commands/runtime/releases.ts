/** What a command releases when it ends. A signal may end it at the same time as its work: both wait for one release. */
export class Releases {
  private readonly all: (() => Promise<unknown>)[] = [];
  private running: Promise<void> | undefined;

  add(release: () => Promise<unknown>): void {
    this.all.push(release);
  }

  /** Releases everything once, the last one first. */
  run(): Promise<void> {
    return (this.running ??= this.runAll());
  }

  private async runAll(): Promise<void> {
    for (const release of this.all.toReversed()) await release();
  }
}
