import { ApiProperty } from '@nestjs/swagger';
import type { AuthenticatedUser } from '../user-cache.js';
import { USER_ROLES, type UserRole } from '../user.entity.js';

/** A user without its role. */
export class UserView {
  @ApiProperty({ type: 'integer', example: 1 })
  id: number;

  @ApiProperty({ example: 'ada' })
  username: string;

  @ApiProperty({
    description: 'Null if the operator created the user without an email address.',
    type: 'string',
    nullable: true,
    example: 'ada@example.com',
  })
  email: string | null;

  constructor({ id, username, email }: Pick<AuthenticatedUser, 'id' | 'username' | 'email'>) {
    this.id = id;
    this.username = username;
    this.email = email;
  }
}

/** A user with its role. */
export class OwnUserView extends UserView {
  @ApiProperty({ enum: USER_ROLES, example: 'member' })
  role: UserRole;

  constructor(user: AuthenticatedUser) {
    super(user);
    this.role = user.role;
  }
}

/** Answer of a login. */
export class LoginView {
  @ApiProperty({
    description: 'Send it as `Authorization: Bearer <token>`. It is valid in this tenant only.',
    example: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  })
  token: string;

  /** ISO 8601, UTC. */
  @ApiProperty({
    description: 'Time at which the token expires.',
    format: 'date-time',
    example: '2026-01-31T21:30:00.000Z',
  })
  expires_at: string;

  constructor({ token, expiresAt }: { readonly token: string; readonly expiresAt: Date }) {
    this.token = token;
    this.expires_at = expiresAt.toISOString();
  }
}
