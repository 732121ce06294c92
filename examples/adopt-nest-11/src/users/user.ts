/** A user, as the domain knows one. */
export class User {
  id!: string;
  email!: string;
  passwordHash!: string;
  role!: 'admin' | 'user';
}
