import type { User } from './user';

/** The port through which the domain reaches stored users. */
export abstract class UserRepository {
  abstract create(user: Pick<User, 'email' | 'passwordHash'>): Promise<User>;
  abstract findByEmail(email: string): Promise<User | null>;
  abstract findById(id: string): Promise<User | null>;
}
