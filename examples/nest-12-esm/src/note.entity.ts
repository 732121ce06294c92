import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity('notes')
export class Note {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'text' })
  text!: string;
}
