import { Column, Entity, OneToMany, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { Choice } from './choice.entity.js';

@Entity('polls')
export class Poll {
  @PrimaryGeneratedColumn('identity', { primaryKeyConstraintName: 'polls_pkey' })
  id!: number;

  @Column('varchar', { length: 100 })
  question!: string;

  /** Set once, when the poll is made. */
  @Column({ type: 'timestamptz', name: 'pub_date', default: () => 'now()', update: false })
  pubDate!: Date;

  @OneToMany(() => Choice, (choice) => choice.poll, { cascade: ['insert'] })
  choices!: Relation<Choice>[];
}
