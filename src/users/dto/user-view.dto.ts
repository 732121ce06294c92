import { ApiProperty } from '@nestjs/swagger';
import type { AuthenticatedUser } from '../user-directory.js';
import { USER_ROLES, type UserRole } from '../user.entity.js';

/** A user, as others may see it. */
export class UserView {
  @ApiProperty({ type: 'integer', example: 1 })
  id: number;

  @ApiProperty({ example: 'ada' })
  username: string;

  @ApiProperty({
    description: 'Null when the operator made the user without one.',
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

/** A user, as it sees itself. */
export class OwnUserView extends UserView {
  @ApiProperty({ enum: USER_ROLES, example: 'member' })
  role: UserRole;

  constructor(user: AuthenticatedUser) {
    super(user);
    this.role = user.role;
  }
}

/** What a login gives. */
export class LoginView {
  @ApiProperty({
    description: 'To send as `Authorization: Bearer <token>`, in this tenant only.',
    example: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  })
  token: string;

  /** ISO 8601, UTC. */
  @ApiProperty({
    description: 'When the token is good no more.',
    format: 'date-time',
    example: '2026-01-31T21:30:00.000Z',
  })
  expires_at: string;

  constructor({ token, expiresAt }: { readonly token: string; readonly expiresAt: Date }) {
    this.token = token;
    this.expires_at = expiresAt.toISOString();
  }
}
