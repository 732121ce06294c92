import { join } from 'node:path';
import { DataSource, type DataSourceOptions } from 'typeorm';

/** The options of the application and of TypeORM's command line. */
export const dataSourceOptions: DataSourceOptions = {
  type: 'postgres',
  url: process.env.DATABASE_URL,
  entities: [join(import.meta.dirname, '../**/*.entity{.ts,.js}')],
  migrations: [join(import.meta.dirname, 'migrations/*{.ts,.js}')],
  migrationsRun: true,
};

export default new DataSource(dataSourceOptions);
