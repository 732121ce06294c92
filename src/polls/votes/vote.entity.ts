import {
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
  Unique,
} from 'typeorm';
import { User } from '../../users/user.entity.js';
import { Choice } from '../choice.entity.js';

/** The vote of a user on a poll. Constraints allow one vote per user and poll, for a choice of the same poll. */
@Entity('votes')
@Unique('votes_poll_id_user_id_key', ['pollId', 'userId'])
@Index('votes_choice_id_poll_id_idx', ['choiceId', 'pollId'])
@Index('votes_user_id_idx', ['userId'])
export class Vote {
  @PrimaryGeneratedColumn('identity', { primaryKeyConstraintName: 'votes_pkey' })
  id!: number;

  @Column('integer', { name: 'poll_id' })
  pollId!: number;

  @Column('integer', { name: 'choice_id' })
  choiceId!: number;

  @Column('integer', { name: 'user_id' })
  userId!: number;

  @ManyToOne(() => Choice, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn([
    {
      name: 'choice_id',
      referencedColumnName: 'id',
      foreignKeyConstraintName: 'votes_choice_id_poll_id_fkey',
    },
    {
      name: 'poll_id',
      referencedColumnName: 'pollId',
      foreignKeyConstraintName: 'votes_choice_id_poll_id_fkey',
    },
  ])
  choice!: Relation<Choice>;

  /** The deletion of the user deletes the vote. */
  @ManyToOne(() => User, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'votes_user_id_fkey' })
  user!: Relation<User>;
}
