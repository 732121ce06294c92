/** Where progress is drawn, as far as it is needed: a terminal, or what is none. */
interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Back to the line's start, and what it shows erased. */
const ERASE = '\r\x1b[K';

/** How far a run is, on the last line of a terminal, on stderr; nothing at all where that is none. */
export class ProgressLine {
  private text = '';

  constructor(private readonly screen: Screen = process.stderr) {}

  /** Shows a text instead of the last one; none shows nothing. */
  show(text: string): void {
    this.text = text;
    if (!this.screen.isTTY) return;
    // A text that wraps could not be erased. Some terminals do not know their width.
    this.screen.write(ERASE + text.slice(0, (this.screen.columns || 80) - 1));
  }

  /** Lets lines be printed above it. */
  above(print: () => void): void {
    const { text } = this;
    this.show('');
    print();
    this.show(text);
  }
}
