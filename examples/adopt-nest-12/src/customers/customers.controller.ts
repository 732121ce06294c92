import { Body, ConflictException, Controller, Get, Post } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { AddCustomerDto } from './add-customer.dto.js';
import { Customer } from './customer.entity.js';

@Controller('customers')
export class CustomersController {
  constructor(@InjectRepository(Customer) private readonly customers: Repository<Customer>) {}

  @Get()
  list(): Promise<Customer[]> {
    return this.customers.find({ order: { id: 'ASC' } });
  }

  @Post()
  async add(@Body() customer: AddCustomerDto): Promise<Customer> {
    const { email } = customer;
    if (await this.customers.existsBy({ email })) {
      throw new ConflictException('The email is taken.');
    }
    return this.customers.save(customer);
  }
}
