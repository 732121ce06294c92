import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** Roles of users. An admin may change and delete all polls. */
export const USER_ROLES = ['member', 'admin'] as const;

export type UserRole = (typeof USER_ROLES)[number];

/** A user of one tenant. Another tenant may have a user with the same name, who is a different user. */
@Entity('users')
@Index('users_username_key', { synchronize: false })
export class User {
  @PrimaryGeneratedColumn('identity', { primaryKeyConstraintName: 'users_pkey' })
  id!: number;

  /** Stored with its case, unique regardless of case (index `users_username_key`). */
  @Column('varchar', { length: 100 })
  username!: string;

  /** Not verified. It is therefore not unique, because another user could register an address before its owner does. */
  @Column('varchar', { length: 254, nullable: true })
  email!: string | null;

  /** Argon2id in PHC format. Queries must name it to select it. */
  @Column('varchar', { name: 'password_hash', length: 255, select: false })
  passwordHash!: string;

  @Column('varchar', { length: 10, default: 'member' })
  role!: UserRole;

  /** Tokens contain this version, and are valid only while it is equal. An increment logs the user out everywhere. */
  @Column('integer', { name: 'token_version', default: 0 })
  tokenVersion!: number;

  @Column({ type: 'timestamptz', name: 'created_on', default: () => 'now()', update: false })
  createdOn!: Date;
}
