// What blocks of code in the pages use without declaring it: parts of the reader's application, and of packages that are not
// installed here.
/* oxlint-disable typescript/no-explicit-any */
import type { INestApplication, Type } from '@nestjs/common';
import type { TenantRunner } from 'nest-tenant-schemas';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';

declare global {
  const app: INestApplication;
  const dataSource: DataSource;
  const queryRunner: QueryRunner;
  const runner: TenantRunner;
  const secret: string;
  const randomUUID: () => string;

  type Note = { id: number; text: string };
  const Note: Type<Note>;
  const notes: any;
  const invoices: { send(): Promise<void> };
  const AppModule: Type;
  const NotesController: Type;
  const NotesService: Type<any>;
  type NotesService = any;
  const RolesSeed: Type<any>;
  type RolesSeed = any;
  const ReportCommand: Type;
  const CreateNotes1700000000000: new () => MigrationInterface;
  const post: (...args: unknown[]) => Promise<unknown>;
  const get: (...args: unknown[]) => Promise<unknown>;
  const addNote: (...args: unknown[]) => Promise<unknown>;
  const listNotes: (...args: unknown[]) => Promise<unknown>;

  const Cron: (expression: string, options?: object) => MethodDecorator;
  const OnEvent: (event: string) => MethodDecorator;
  const InjectQueue: (name: string) => ParameterDecorator;
  const Processor: (name: string) => ClassDecorator;
  const WorkerHost: new () => object;
  type Queue<T = any> = { add(name: string, data: T): Promise<unknown> };
  type Job<T = any> = { data: T };
  const UnrecoverableError: new (message: string) => Error;
}
