import {
  Column,
  Entity,
  PrimaryGeneratedColumn,
  type Relation,
  Tree,
  TreeChildren,
  TreeParent,
} from 'typeorm';

/** The notes again, as a tree: the row that every tenant has from the start is its root. */
@Entity('notes')
@Tree('materialized-path')
export class Branch {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'text' })
  text!: string;

  @TreeParent()
  parent!: Relation<Branch> | null;

  @TreeChildren()
  children!: Relation<Branch>[];
}
