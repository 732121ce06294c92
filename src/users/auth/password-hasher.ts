import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { WorkLimit, WorkLimitError } from './work-limit.js';

/**
 * Parameters of Argon2id (the library's default) that OWASP recommends: 19 MiB, two passes, one lane.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hash of a random password with the same parameters. It is verified if the user does not exist. */
const DUMMY_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$SdbhNb5wuYPUT2ORkSlAnA$na2nU/AFD6ADMvW3wemWWzsPUahMWua48qsyOiUCkIc';

/**
 * Maximum number of concurrent hashes. They run on the four threads of libuv's pool, which also serve files and DNS. Two threads
 * stay free, and hashes use at most 38 MiB.
 */
const MAX_CONCURRENT = 2;

/** Maximum number of waiting hashes: a few seconds of work. Clients would not wait longer. */
const MAX_WAITING = 100;

/** Hashes and verifies passwords in other threads, with a limit of concurrent hashes. */
@Injectable()
export class PasswordHasher {
  private readonly limit = new WorkLimit(MAX_CONCURRENT, MAX_WAITING);

  /**
   * Hashes a password.
   *
   * @returns the hash in PHC format, with its parameters and salt
   * @throws ServiceUnavailableException `POOL_EXHAUSTED` if too many hashes wait
   */
  hash(password: string): Promise<string> {
    return this.run(() => hash(password.normalize('NFKC'), PARAMETERS));
  }

  /**
   * Returns whether a password belongs to a hash. Without a hash it does the same work, and returns false.
   *
   * @throws ServiceUnavailableException `POOL_EXHAUSTED` if too many hashes wait
   */
  async verify(passwordHash: string | undefined, password: string): Promise<boolean> {
    const isRight = await this.run(() =>
      verify(passwordHash ?? DUMMY_HASH, password.normalize('NFKC')),
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
        message: 'Too many logins wait at the moment. Retry shortly.',
      });
    }
  }
}
