import { Body, Controller, Post } from '@nestjs/common';
import { AuthService, type Credentials } from './auth.service';

@Controller('auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  @Post('register')
  register(@Body() credentials: Credentials): Promise<{ id: string }> {
    return this.auth.register(credentials);
  }

  @Post('login')
  logIn(@Body() credentials: Credentials): Promise<{ token: string }> {
    return this.auth.logIn(credentials);
  }
}
