import {
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm';
import { User } from '../users/user.entity.js';
import { Choice } from './choice.entity.js';

@Entity('polls')
export class Poll {
  @PrimaryGeneratedColumn('identity', { primaryKeyConstraintName: 'polls_pkey' })
  id!: number;

  @Column('varchar', { length: 100 })
  question!: string;

  /** Time of creation. Updates do not change it. */
  @Column({ type: 'timestamptz', name: 'pub_date', default: () => 'now()', update: false })
  pubDate!: Date;

  @Column('integer', { name: 'created_by', nullable: true })
  @Index('polls_created_by_idx')
  createdById!: number | null;

  /** Null for a poll that was created without a login. Also null after the deletion of the user, because the poll stays. */
  @ManyToOne(() => User, { onDelete: 'SET NULL', nullable: true })
  @JoinColumn({ name: 'created_by', foreignKeyConstraintName: 'polls_created_by_fkey' })
  createdBy!: Relation<User> | null;

  @OneToMany(() => Choice, (choice) => choice.poll, { cascade: ['insert'] })
  choices!: Relation<Choice>[];
}
