import { IsEmail, IsNotEmpty, IsString } from 'class-validator';

export class AddCustomerDto {
  @IsEmail()
  email!: string;

  @IsString()
  @IsNotEmpty()
  name!: string;
}
