import { Field, Int, ObjectType } from '@nestjs/graphql';
import { Column, Entity, Index, ManyToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { Author } from '../authors/author.entity.js';

@ObjectType()
@Entity('book')
export class Book {
  @Field(() => Int)
  @PrimaryGeneratedColumn()
  id!: number;

  @Field(() => String)
  @Column({ type: String })
  title!: string;

  @Index()
  @Column({ type: Number })
  authorId!: number;

  @ManyToOne(() => Author, (author) => author.books, { onDelete: 'CASCADE' })
  author!: Relation<Author>;
}
