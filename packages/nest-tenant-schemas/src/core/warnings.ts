/** Writes a warning. `source` names the part of the engine that warns. */
type WriteWarning = (message: string, source: string) => void;

let write: WriteWarning = (message, source) => process.emitWarning(message, source);

/** Logs a warning of the engine. */
export function warn(message: string, source: string): void {
  write(message, source);
}

/** Sends the engine's warnings to a logger. Without a logger, Node prints them on stderr. */
export function sendWarningsTo(logger: WriteWarning): void {
  write = logger;
}
