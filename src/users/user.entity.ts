import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** What a user may do: an admin changes and deletes everybody's polls. */
export const USER_ROLES = ['member', 'admin'] as const;

export type UserRole = (typeof USER_ROLES)[number];

/** A user of one tenant. Another tenant may have one of the same name: nothing connects them. */
@Entity('users')
@Index('users_username_key', { synchronize: false })
export class User {
  @PrimaryGeneratedColumn('identity', { primaryKeyConstraintName: 'users_pkey' })
  id!: number;

  /** Kept as it was given, unique without regard to case (index `users_username_key`). */
  @Column('varchar', { length: 100 })
  username!: string;

  /** Not verified, and so not unique: whoever registers first would keep an address from its owner. */
  @Column('varchar', { length: 254, nullable: true })
  email!: string | null;

  /** Argon2id in PHC format. No query selects it unless it names it. */
  @Column('varchar', { name: 'password_hash', length: 255, select: false })
  passwordHash!: string;

  @Column('varchar', { length: 10, default: 'member' })
  role!: UserRole;

  /** Tokens carry it, and are good as long as it stays: to count it up logs the user out everywhere. */
  @Column('integer', { name: 'token_version', default: 0 })
  tokenVersion!: number;

  @Column({ type: 'timestamptz', name: 'created_on', default: () => 'now()', update: false })
  createdOn!: Date;
}
