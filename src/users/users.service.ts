import { ConflictException, Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository, type SelectQueryBuilder } from 'typeorm';
import { isViolation } from '../http/errors/constraint-violation.js';
import { TENANT_ANNOUNCER, type TenantAnnouncer, tenantContext } from 'nest-tenant-schemas';
import { PasswordHasher } from './auth/password-hasher.js';
import { User, type UserRole } from './user.entity.js';

/** What a user is made of. */
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
   * @param input has passed validation
   * @throws ConflictException when the username is taken
   */
  async create(input: UserInput): Promise<User> {
    const user = await this.make(input);
    await this.insert(this.users.manager, user);
    return user;
  }

  /** A user that is not stored yet: hashing takes time, and a transaction need not wait for it. */
  async make({ password, ...input }: UserInput): Promise<User> {
    return this.users.create({ ...input, passwordHash: await this.passwords.hash(password) });
  }

  /**
   * Stores a user that {@link make} made, as part of the manager's transaction, if it has one.
   *
   * @throws ConflictException when the username is taken
   */
  async insert(manager: EntityManager, user: User): Promise<void> {
    try {
      await manager.insert(User, user);
    } catch (error) {
      if (!isViolation(error, 'unique')) throw error;
      throw new ConflictException(`The username "${user.username}" is taken. Choose another one.`);
    }
  }

  /** The user of that name, if the password is right. An unknown name takes the same path, and the same time. */
  async authenticate(username: string, password: string): Promise<User | undefined> {
    const user = await this.named(username).addSelect('user.passwordHash').getOne();
    const isRight = await this.passwords.verify(user?.passwordHash, password);
    return user && isRight ? user : undefined;
  }

  /**
   * Changes a user's role or password, and logs it out everywhere: no token that was issued before is good
   * any more, in no process. Without changes it only does that.
   *
   * @param record writes down what changed, in the transaction of the change
   * @returns the user as it is now, or undefined when there is none of that name
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
