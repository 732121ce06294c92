import { ConflictException, Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository, type SelectQueryBuilder } from 'typeorm';
import { isViolation } from '../http/errors/constraint-violation.js';
import { TENANT_ANNOUNCER, type TenantAnnouncer, tenantContext } from 'nest-tenant-schemas';
import { PasswordHasher } from './auth/password-hasher.js';
import { User, type UserRole } from './user.entity.js';

/** Input for a new user. */
export interface UserInput {
  readonly username: string;
  readonly email: string | null;
  readonly password: string;
  readonly role: UserRole;
}

/** Creates, authenticates and changes the users of the current tenant. */
@Injectable()
export class UsersService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly passwords: PasswordHasher,
    @Inject(TENANT_ANNOUNCER) private readonly changes: TenantAnnouncer,
  ) {}

  /**
   * Creates a user.
   *
   * @param input has passed validation
   * @throws ConflictException if the username is taken
   */
  async create(input: UserInput): Promise<User> {
    const user = await this.make(input);
    await this.insert(this.users.manager, user);
    return user;
  }

  /** Returns a user that is not stored yet, so that a transaction does not wait for its password hash. */
  async make({ password, ...input }: UserInput): Promise<User> {
    return this.users.create({ ...input, passwordHash: await this.passwords.hash(password) });
  }

  /**
   * Stores a user of {@link make}, in the transaction of the manager, if it has one.
   *
   * @throws ConflictException if the username is taken
   */
  async insert(manager: EntityManager, user: User): Promise<void> {
    try {
      await manager.insert(User, user);
    } catch (error) {
      if (!isViolation(error, 'unique')) throw error;
      throw new ConflictException(`The username "${user.username}" is taken. Choose another one.`);
    }
  }

  /** Returns the user with that name if the password is right. An unknown name takes the same time. */
  async authenticate(username: string, password: string): Promise<User | undefined> {
    const user = await this.named(username).addSelect('user.passwordHash').getOne();
    const isRight = await this.passwords.verify(user?.passwordHash, password);
    return user && isRight ? user : undefined;
  }

  /**
   * Changes the role or the password of a user, and logs the user out: all processes reject earlier tokens. Without changes it
   * only logs the user out.
   *
   * @param record audits the change in the same transaction
   * @returns the changed user, or undefined if no user has that name
   */
  async change(
    username: string,
    { role, password }: { readonly role?: UserRole; readonly password?: string },
    record: (manager: EntityManager, before: User, after: User) => Promise<void>,
  ): Promise<User | undefined> {
    const passwordHash = password && (await this.passwords.hash(password));
    return this.users.manager.transaction(async (manager) => {
      const user = await this.named(username, manager.getRepository(User)).getOne();
      if (!user) return undefined;
      await manager.update(
        User,
        { id: user.id },
        {
          ...(role && { role }),
          ...(passwordHash && { passwordHash }),
          tokenVersion: () => 'token_version + 1',
        },
      );
      await this.changes.notifyChange(manager, tenantContext.require());
      const changed = Object.assign(new User(), user, role && { role });
      await record(manager, user, changed);
      return changed;
    });
  }

  private named(username: string, users = this.users): SelectQueryBuilder<User> {
    return users
      .createQueryBuilder('user')
      .where('lower(user.username) = lower(:username)', { username });
  }
}
