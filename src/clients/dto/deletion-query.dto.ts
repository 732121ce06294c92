import { ApiProperty } from '@nestjs/swagger';
import { IsString } from 'class-validator';

/** Confirms the deletion of a tenant. */
export class DeletionQuery {
  @ApiProperty({
    description:
      "The name of the tenant's schema. It protects against deletion of the wrong tenant.",
    example: 'pollsmaster',
  })
  @IsString({ message: "confirm must be the name of the tenant's schema: nothing was deleted" })
  confirm!: string;
}
