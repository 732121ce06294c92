import { randomBytes } from 'node:crypto';
import { NewUser } from '../../users/dto/user-input.dto.js';
import { Questions } from 'nest-tenant-schemas/commands';
import { type FieldNames, validateInput } from '../validate-input.js';

/** Names of the fields of a user in questions. */
export const USER_NAMES: FieldNames<NewUser> = {
  username: 'Username',
  email: 'Email',
  password: 'Password',
};

/** Asks for the missing fields of a new user and for its password. An empty `email` means none. */
export async function askNewUser(
  given: Partial<Pick<NewUser, 'username' | 'email'>>,
): Promise<NewUser> {
  const questions = new Questions();
  try {
    const username =
      given.username ??
      (await questions.ask(USER_NAMES.username, (answer) => checked('username', answer)));
    const email =
      given.email ??
      (await questions.ask(`${USER_NAMES.email} (empty: none)`, (answer) =>
        answer === '' ? '' : checked('email', answer),
      ));
    return { username, email, password: await askPassword(questions) };
  } finally {
    questions.close();
  }
}

/** Asks for a new password, twice and without showing it, until both are the same. */
export async function askPassword(questions: Questions): Promise<string> {
  for (;;) {
    const password = await questions.askHidden(USER_NAMES.password, (answer) =>
      checked('password', answer),
    );
    if (password === (await questions.askHidden('Password again', String))) return password;
    process.stdout.write('  The passwords differ. Enter both again.\n');
  }
}

/** Returns the chosen password, or, without one, a generated password of 144 random bits. */
export function chosenOrGenerated(chosen: string | undefined): {
  readonly password: string;
  /** The password, if this function generated it. The command prints it. */
  readonly generated: string | undefined;
} {
  if (chosen !== undefined) return { password: chosen, generated: undefined };
  const generated = randomBytes(18).toString('base64url');
  return { password: generated, generated };
}

/** @throws UsageError with the rule that the answer violates */
function checked(field: keyof NewUser, answer: string): string {
  validateInput(Object.assign(new NewUser(), { [field]: answer }), USER_NAMES);
  return answer;
}
