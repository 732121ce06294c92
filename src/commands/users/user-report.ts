import { OwnUserView } from '../../users/dto/user-view.dto.js';
import type { User } from '../../users/user.entity.js';

/** A user that a command made or changed, as `--json` prints it. */
export interface UserReport extends OwnUserView {
  /** Only if it was made up: it is told once, here. */
  readonly password?: string;
}

/** @param madeUp the password, if nobody chose it */
export function userReport(user: User, madeUp: string | undefined): UserReport {
  return { ...new OwnUserView(user), ...(madeUp !== undefined && { password: madeUp }) };
}

/** Lines on a password that was made up; none if nobody needs to be told one. */
export function passwordLines({ password }: UserReport): readonly string[] {
  if (password === undefined) return [];
  return [`  password  ${password}`, '  It is shown this once only.'];
}
