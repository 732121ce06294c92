import { ApiProperty } from '@nestjs/swagger';
import { IsString } from 'class-validator';

/** Says that a tenant is really meant to be deleted. */
export class DeletionQuery {
  @ApiProperty({
    description: "The name of the tenant's schema, so that nobody deletes another tenant.",
    example: 'pollsmaster',
  })
  @IsString({ message: "confirm must be the name of the tenant's schema: nothing was deleted" })
  confirm!: string;
}
