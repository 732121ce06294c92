import { Column, Entity, Index, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { UserEntity } from '../../users/persistence/user.entity';

@Entity('article')
export class ArticleEntity {
  @PrimaryGeneratedColumn()
  id!: number;

  @Index()
  @Column({ type: String })
  title!: string;

  @ManyToOne(() => UserEntity, { eager: true, onDelete: 'CASCADE' })
  author!: UserEntity;
}
