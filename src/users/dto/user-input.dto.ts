import { ApiProperty } from '@nestjs/swagger';
import { IsString, Matches, MinLength } from 'class-validator';
import { IsPlainText } from '../../http/validation/is-plain-text.decorator.js';
import { MaxCharacters } from '../../http/validation/max-characters.decorator.js';
import { IsEmailAddress } from './is-email-address.decorator.js';

/** Minimum length of a password. NIST SP 800-63B recommends no other rules. */
const MIN_PASSWORD = 8;

/** Maximum length of a password. */
const MAX_PASSWORD = 200;

/** Maximum length of a username, as in its column. */
const MAX_USERNAME = 100;

/** Maximum length of an email address (RFC 5321). */
const MAX_EMAIL = 254;

/** Matches ASCII only. Similar letters of other scripts would let a user impersonate another one. */
const USERNAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]*$/;

/** A new user of the tenant. */
export class NewUser {
  /** 1 to 100 characters, unique regardless of case. */
  @ApiProperty({
    description: 'Unique in the tenant, regardless of case.',
    pattern: USERNAME.source,
    minLength: 1,
    maxLength: MAX_USERNAME,
    example: 'ada',
  })
  @Matches(USERNAME, {
    message:
      '$property must begin with a letter or digit, and contain only A-Z, a-z, 0-9 and . _ @ + -',
  })
  @MaxCharacters(MAX_USERNAME)
  @IsString()
  username!: string;

  /** At most 254 characters. The application does not verify it. */
  @ApiProperty({ format: 'email', maxLength: MAX_EMAIL, example: 'ada@example.com' })
  @IsEmailAddress()
  @MaxCharacters(MAX_EMAIL)
  email!: string;

  /** 8 to 200 characters. */
  @ApiProperty({
    description: 'The server stores only a hash.',
    format: 'password',
    minLength: MIN_PASSWORD,
    maxLength: MAX_PASSWORD,
    example: 'a cup of tea at four',
  })
  @IsPlainText()
  @MinLength(MIN_PASSWORD)
  @MaxCharacters(MAX_PASSWORD)
  @IsString()
  password!: string;
}

/** A username with its password. */
export class Credentials {
  @ApiProperty({ minLength: 1, maxLength: MAX_USERNAME, example: 'ada' })
  @IsPlainText()
  @MinLength(1)
  @MaxCharacters(MAX_USERNAME)
  @IsString()
  username!: string;

  @ApiProperty({
    format: 'password',
    minLength: 1,
    maxLength: MAX_PASSWORD,
    example: 'a cup of tea at four',
  })
  @IsPlainText()
  @MinLength(1)
  @MaxCharacters(MAX_PASSWORD)
  @IsString()
  password!: string;
}
