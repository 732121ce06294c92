import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { ConflictException, Injectable, UnauthorizedException } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { UserRepository } from '../users/user.repository';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

@Injectable()
export class AuthService {
  constructor(
    private readonly users: UserRepository,
    private readonly jwt: JwtService,
  ) {}

  async register({ email, password }: Credentials): Promise<{ id: string }> {
    if (await this.users.findByEmail(email)) throw new ConflictException('The email is taken.');
    const salt = randomBytes(16).toString('hex');
    const { id } = await this.users.create({
      email,
      passwordHash: `${salt}:${hash(password, salt)}`,
    });
    return { id };
  }

  async logIn({ email, password }: Credentials): Promise<{ token: string }> {
    const user = await this.users.findByEmail(email);
    const [salt = '', right = ''] = user?.passwordHash.split(':') ?? [];
    if (!user || !isEqual(hash(password, salt), right)) throw new UnauthorizedException();
    return { token: await this.jwt.signAsync({ sub: user.id }, { expiresIn: '15m' }) };
  }
}

function hash(password: string, salt: string): string {
  return scryptSync(password, salt, 32).toString('hex');
}

function isEqual(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
