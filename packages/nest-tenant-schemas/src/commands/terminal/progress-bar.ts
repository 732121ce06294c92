import { clearLine, cursorTo } from 'node:readline';
import cliProgress from 'cli-progress';

/** Shows the progress of a run on the last line of a terminal, on stderr. Without a terminal it shows nothing. */
export class ProgressBar {
  private readonly bars: cliProgress.MultiBar;
  private bar: cliProgress.SingleBar | undefined;

  constructor(private readonly screen: NodeJS.WriteStream = process.stderr) {
    this.bars = new cliProgress.MultiBar({
      // A narrow terminal cuts off the end.
      format: '{value}/{total} [{bar}] {text}',
      barsize: 20,
      stream: screen,
      clearOnComplete: true,
      // The library does not know about the lines that are printed above it.
      forceRedraw: true,
      // Otherwise it would turn wrapping off for those lines too.
      linewrap: true,
    });
  }

  /** Returns whether the output is a terminal. Only then a total is worth counting. */
  get isVisible(): boolean {
    return this.screen.isTTY;
  }

  start(total: number, text: string): void {
    if (this.isVisible) this.bar = this.bars.create(total, 0, { text });
  }

  /** Sets what the bar shows when it is next drawn. */
  update(value: number, text: string): void {
    this.bar?.update(value, { text });
  }

  /** Prints lines above the bar. */
  above(print: () => void): void {
    if (!this.bar) return print();
    cursorTo(this.screen, 0);
    clearLine(this.screen, 0);
    print();
    this.bars.update();
  }

  /** Removes the bar. */
  stop(): void {
    if (this.bar) this.bars.stop();
    this.bar = undefined;
  }
}
