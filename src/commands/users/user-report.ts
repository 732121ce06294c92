import { OwnUserView } from '../../users/dto/user-view.dto.js';
import type { User } from '../../users/user.entity.js';

/** A user that a command created or changed, in the format of `--json`. */
export interface UserReport extends OwnUserView {
  /** The password, if the command generated it. The command prints it once. */
  readonly password?: string;
}

/**
 * Returns the report of a user.
 *
 * @param generated the password, if the command generated it
 */
export function userReport(user: User, generated: string | undefined): UserReport {
  return { ...new OwnUserView(user), ...(generated !== undefined && { password: generated }) };
}

/** Returns the lines about a generated password, or none without one. */
export function passwordLines({ password }: UserReport): readonly string[] {
  if (password === undefined) return [];
  return [`  password  ${password}`, '  The password is shown only once.'];
}
