// What the guide's strategy needs of @nestjs/passport and passport-jwt, which are not installed here: it verifies the token
// of a request, and hands the claims to `validate`.
import { JwtService } from '@nestjs/jwt';

/** What passport-jwt asks of a strategy. */
interface StrategyOptions {
  readonly jwtFromRequest: (request: AuthorizedRequest) => string;
  readonly secretOrKey: string;
}

export interface AuthorizedRequest {
  readonly authorization: string;
}

export class Strategy {
  constructor(readonly options: StrategyOptions) {}
}

export const ExtractJwt = {
  fromAuthHeaderAsBearerToken:
    () =>
    ({ authorization }: AuthorizedRequest): string =>
      authorization.replace(/^Bearer /, ''),
};

/** Passport's mixin: the strategy, with `validate` called after the signature was verified. */
export function PassportStrategy(Base: typeof Strategy) {
  abstract class Mixin extends Base {
    abstract validate(claims: object): unknown;

    /** Authenticates a request, as the guard of Passport does. */
    authenticate(request: AuthorizedRequest): unknown {
      const { jwtFromRequest, secretOrKey } = this.options;
      return this.validate(new JwtService({ secret: secretOrKey }).verify(jwtFromRequest(request)));
    }
  }
  return Mixin;
}
