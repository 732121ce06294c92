/** What a test asks of a child process. */
export type Request =
  | {
      do: 'acquire';
      dataDir: string;
      settings?: Record<string, string>;
      isKeptRunning?: boolean;
    }
  | { do: 'release' }
  /** Enters the lock `turns` times, writing `enter <pid>` and `leave <pid>` to a file. */
  | { do: 'journal'; dataDir: string; journal: string; turns: number };

export interface Answer {
  id: number;
  url?: string;
  description?: string;
  /** Lines given to `log` since the last answer. */
  logs?: string[];
  error?: { name: string; code?: string; message: string; stack?: string };
}
