import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { WorkLimit, WorkLimitError } from './work-limit.js';

/**
 * Argon2id (the library's default) as OWASP recommends it: 19 MiB, two passes, one lane.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Of a password that nobody knows, by the same parameters: what is verified where there is no user. */
const NOBODYS_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$SdbhNb5wuYPUT2ORkSlAnA$na2nU/AFD6ADMvW3wemWWzsPUahMWua48qsyOiUCkIc';

/**
 * Hashes at once. They run on the four threads that files and name look-ups use as well (libuv's pool): half
 * of them stays free, and 38 MiB are the most that logins take.
 */
const MOST_AT_ONCE = 2;

/** Hashes that wait: some seconds of work, after which nobody would wait any longer. */
const MOST_WAITING = 100;

/** Hashes passwords off the event loop, so many at once, and verifies them. */
@Injectable()
export class PasswordHasher {
  private readonly limit = new WorkLimit(MOST_AT_ONCE, MOST_WAITING);

  /**
   * @returns the hash in PHC format, with its parameters and salt
   * @throws ServiceUnavailableException `POOL_EXHAUSTED` when too many wait already
   */
  hash(password: string): Promise<string> {
    return this.run(() => hash(password.normalize('NFKC'), PARAMETERS));
  }

  /**
   * Whether a password is the one of a hash. Without a hash it takes the same path and is never right.
   *
   * @throws ServiceUnavailableException `POOL_EXHAUSTED` when too many wait already
   */
  async verify(passwordHash: string | undefined, password: string): Promise<boolean> {
    const isRight = await this.run(() =>
      verify(passwordHash ?? NOBODYS_HASH, password.normalize('NFKC')),
    );
    return isRight && passwordHash !== undefined;
  }

  private async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.limit.run(work);
    } catch (error) {
      if (!(error instanceof WorkLimitError)) throw error;
      throw new ServiceUnavailableException({
        code: 'POOL_EXHAUSTED',
        message: 'Too many log in at the moment. Try again shortly.',
      });
    }
  }
}
