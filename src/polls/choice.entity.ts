import {
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm';
import { Poll } from './poll.entity.js';

@Entity('choices')
export class Choice {
  @PrimaryGeneratedColumn('identity', { primaryKeyConstraintName: 'choices_pkey' })
  id!: number;

  @Column('varchar', { name: 'choice_text', length: 100 })
  choiceText!: string;

  @ManyToOne(() => Poll, (poll) => poll.choices, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'poll_id', foreignKeyConstraintName: 'choices_poll_id_fkey' })
  @Index('choices_poll_id_idx')
  poll!: Relation<Poll>;
}
