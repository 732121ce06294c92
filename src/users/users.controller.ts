import {
  Body,
  Controller,
  Get,
  HttpCode,
  Post,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { BAD_TOKEN, REGISTRATION_CLOSED } from '../http/errors/error-messages.js';
import { ApiErrors } from '../http/openapi/api-errors.decorator.js';
import { ApiRegistration } from '../http/openapi/security.js';
import { TenantRoute } from '../http/openapi/tenant-route.decorator.js';
import { RateLimited } from '../http/rate-limit/rate-limited.decorator.js';
import { CurrentTenant, type Tenant } from 'nest-tenant-schemas';
import { AccessTokens } from './auth/access-tokens.js';
import { CurrentUser } from './auth/current-user.decorator.js';
import { Credentials, NewUser } from './dto/user-input.dto.js';
import { LoginView, OwnUserView, UserView } from './dto/user-view.dto.js';
import { Login } from './auth/login.decorator.js';
import { RegistrationGuard } from './auth/registration.guard.js';
import type { AuthenticatedUser } from './user-cache.js';
import { UsersService } from './users.service.js';

const WRONG_CREDENTIALS = 'The username or the password is wrong.';

@Controller()
@ApiTags('Users')
@TenantRoute()
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly tokens: AccessTokens,
  ) {}

  @Post('users')
  @Login('ignored')
  @UseGuards(RegistrationGuard)
  @RateLimited('login')
  @ApiOperation({
    summary: 'Register a member',
    description:
      'Anyone can register in an open tenant. This route then ignores tokens. A tenant with `access: members` requires the ' +
      'token of one of its admins, or the operator key.',
  })
  @ApiRegistration()
  @ApiCreatedResponse({ description: 'The user.', type: UserView })
  @ApiErrors('POOL_EXHAUSTED', {
    VALIDATION_FAILED: 'password must be longer than or equal to 8 characters',
    UNAUTHENTICATED: BAD_TOKEN,
    FORBIDDEN: REGISTRATION_CLOSED,
    CONFLICT: 'The username "ada" is taken. Choose another one.',
  })
  async register(@Body() { username, email, password }: NewUser): Promise<UserView> {
    return new UserView(await this.users.create({ username, email, password, role: 'member' }));
  }

  @Post('login')
  @HttpCode(200)
  @Login('ignored')
  @RateLimited('login')
  @ApiOperation({ summary: 'Get a token with username and password' })
  @ApiOkResponse({ description: 'The token.', type: LoginView })
  @ApiErrors('POOL_EXHAUSTED', {
    VALIDATION_FAILED: 'password must be a string',
    UNAUTHENTICATED: WRONG_CREDENTIALS,
  })
  async login(
    @Body() { username, password }: Credentials,
    @CurrentTenant() tenant: Tenant,
  ): Promise<LoginView> {
    const user = await this.users.authenticate(username, password);
    if (!user) throw new UnauthorizedException(WRONG_CREDENTIALS);
    return new LoginView(this.tokens.issue(tenant, user));
  }

  @Get('users/me')
  @Login('required')
  @ApiOperation({ summary: 'Read the user of the token' })
  @ApiOkResponse({ description: 'The user.', type: OwnUserView })
  me(@CurrentUser() user: AuthenticatedUser): OwnUserView {
    return new OwnUserView(user);
  }
}
