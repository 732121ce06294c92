import { Injectable, UnauthorizedException } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { User } from '../users/user';
import { UserRepository } from '../users/user.repository';
import { SECRET } from './secret';

@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(private readonly users: UserRepository) {
    super({ jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(), secretOrKey: SECRET });
  }

  async validate({ sub }: { sub: string }): Promise<User> {
    const user = await this.users.findById(sub);
    if (!user) throw new UnauthorizedException();
    return user;
  }
}
