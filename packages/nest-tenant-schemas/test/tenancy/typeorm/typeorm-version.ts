import { EntityManager } from 'typeorm';

/** Whether the specs run on TypeORM 1, which keeps `connection` as an old name for `dataSource`. */
export const IS_TYPEORM_1 = 'connection' in EntityManager.prototype;
