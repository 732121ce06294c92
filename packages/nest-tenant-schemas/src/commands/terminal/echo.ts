import { Writable } from 'node:stream';

/** The terminal as readline writes to it: what it echoes can be hidden. */
export class Echo extends Writable {
  isHidden = false;

  /** Where readline thinks a line is broken. */
  get columns(): number {
    return process.stdout.columns;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.isHidden) done();
    else process.stdout.write(chunk, done);
  }
}
