import { IsDateString, IsInt, IsPositive } from 'class-validator';

export class IssueInvoiceDto {
  @IsInt()
  customerId!: number;

  @IsInt()
  @IsPositive()
  amountInCents!: number;

  @IsDateString()
  dueOn!: string;
}
