import { clearLine, cursorTo } from 'node:readline';
import cliProgress from 'cli-progress';

/** How far a run is, on the last line of a terminal, on stderr; nothing at all where that is none. */
export class ProgressBar {
  private readonly bars: cliProgress.MultiBar;
  private bar: cliProgress.SingleBar | undefined;

  constructor(private readonly screen: NodeJS.WriteStream = process.stderr) {
    this.bars = new cliProgress.MultiBar({
      // What a narrow terminal cuts off is the end.
      format: '{value}/{total} [{bar}] {text}',
      barsize: 20,
      stream: screen,
      clearOnComplete: true,
      // Lines are printed above it that the library does not know of.
      forceRedraw: true,
      // It would turn wrapping off for those lines too.
      linewrap: true,
    });
  }

  /** Whether anybody sees it, and the total is worth counting. */
  get isVisible(): boolean {
    return this.screen.isTTY;
  }

  start(total: number, text: string): void {
    if (this.isVisible) this.bar = this.bars.create(total, 0, { text });
  }

  /** What it shows from its next drawing on. */
  update(value: number, text: string): void {
    this.bar?.update(value, { text });
  }

  /** Lets lines be printed above it. */
  above(print: () => void): void {
    if (!this.bar) return print();
    cursorTo(this.screen, 0);
    clearLine(this.screen, 0);
    print();
    this.bars.update();
  }

  /** Takes it away. */
  stop(): void {
    if (this.bar) this.bars.stop();
    this.bar = undefined;
  }
}
