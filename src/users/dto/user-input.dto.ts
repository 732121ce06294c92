import { ApiProperty } from '@nestjs/swagger';
import { IsString, Matches, MinLength } from 'class-validator';
import { IsPlainText } from '../../http/validation/is-plain-text.decorator.js';
import { MaxCharacters } from '../../http/validation/max-characters.decorator.js';
import { IsEmailAddress } from './is-email-address.decorator.js';

/** Shortest password that is taken; NIST SP 800-63B wants no other rule. */
const MIN_PASSWORD = 8;

/** Longest text that is hashed. */
const MAX_PASSWORD = 200;

/** Longest username, as its column. */
const MAX_USERNAME = 100;

/** Longest address that mail can be sent to (RFC 5321). */
const MAX_EMAIL = 254;

/** Letters that look alike in other scripts would let one user pass for another. */
const USERNAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]*$/;

/** A new user of the tenant. */
export class NewUser {
  /** 1 to 100 characters, unique without regard to case. */
  @ApiProperty({
    description: 'Unique in the tenant, without regard to case.',
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

  /** At most 254 characters. It is not verified. */
  @ApiProperty({ format: 'email', maxLength: MAX_EMAIL, example: 'ada@example.com' })
  @IsEmailAddress()
  @MaxCharacters(MAX_EMAIL)
  email!: string;

  /** 8 to 200 characters. */
  @ApiProperty({
    description: 'It is kept as a hash only.',
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
