import { OwnUserView } from '../../users/dto/user-view.dto.js';
import type { User } from '../../users/user.entity.js';

/** A user that a command made or changed, as `--json` prints it. */
export interface UserReport extends OwnUserView {
  /** Only a generated password, which is printed once. */
  readonly password?: string;
}

/** @param generated the password, if a command generated it */
export function userReport(user: User, generated: string | undefined): UserReport {
  return { ...new OwnUserView(user), ...(generated !== undefined && { password: generated }) };
}

/** Returns the lines about a generated password, or none without one. */
export function passwordLines({ password }: UserReport): readonly string[] {
  if (password === undefined) return [];
  return [`  password  ${password}`, '  The password is shown only once.'];
}
