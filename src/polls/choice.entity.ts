import {
  Column,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
  Unique,
} from 'typeorm';
import { Poll } from './poll.entity.js';

@Entity('choices')
@Unique('choices_poll_id_id_key', ['pollId', 'id'])
export class Choice {
  @PrimaryGeneratedColumn('identity', { primaryKeyConstraintName: 'choices_pkey' })
  id!: number;

  @Column('varchar', { name: 'choice_text', length: 100 })
  choiceText!: string;

  @Column('integer', { name: 'poll_id' })
  pollId!: number;

  @ManyToOne(() => Poll, (poll) => poll.choices, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'poll_id', foreignKeyConstraintName: 'choices_poll_id_fkey' })
  poll!: Relation<Poll>;

  /** Number of votes. Not a column, because queries count the votes (`withVotes`). */
  votes = 0;
}
