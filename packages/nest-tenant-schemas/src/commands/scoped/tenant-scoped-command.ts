import type { Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type Tenant, tenantContext, TenantManager } from '../../index.js';
import { printJson, printWrapped } from '../terminal/output/output.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';

/** Injects the application as a service. Nest provides it, although its class is abstract. */
export const APPLICATION = ModuleRef as unknown as Type<ModuleRef>;

export interface TenantOptions {
  readonly json?: boolean;
}

/** Describes the work of a command, without the tenant. */
export interface Task<Options extends TenantOptions = TenantOptions> {
  readonly args: readonly string[];
  readonly options: Options;
}

/** Is the base of commands that work in one tenant. `@TenantCommand` names the command. */
export abstract class TenantScopedCommand<
  R = unknown,
  Options extends TenantOptions = TenantOptions,
> extends TenancyCommand {
  /** Returns the name that the user types. */
  get name(): string {
    return this.command.name();
  }

  async run([schema = '', ...args]: string[], options: Options): Promise<void> {
    const task = await this.prepare({ args, options });
    await this.runtime.useUpToDate(APPLICATION, async (application) => {
      const tenants = application.get(TenantManager, { strict: false });
      const result = await this.runIn(await tenants.getBySchema(schema), application, task);
      // It prints before the database is closed, which may fail, because some results are available only
      // once.
      if (options.json) return printJson(result ?? null);
      for (const line of this.linesOf(result)) printWrapped(line);
    });
  }

  /** Runs the work in a tenant, without printing. Repositories and DataSource belong to that tenant. */
  runIn(tenant: Tenant, application: ModuleRef, task: Task<Options>): Promise<R> {
    return this.enter(tenant, () => this.work(application, task));
  }

  /**
   * Runs work in a tenant. If tenants have roles, it has the rights of the tenant's role. A command can
   * override this.
   */
  protected enter<T>(tenant: Tenant, work: () => T): T {
    return tenantContext.run(tenant, work);
  }

  /**
   * Parses the user's words after the name of the command, without the schema.
   *
   * @throws CommanderError for unknown arguments, and for `--help`
   */
  parse(words: readonly string[]): Task<Options> {
    const { command } = this;
    const parser = command.createCommand(command.name()).copyInheritedSettings(command);
    parser.parent = command.parent;
    parser.description(command.description()).allowExcessArguments(false);
    for (const argument of command.registeredArguments.slice(1)) parser.addArgument(argument);
    for (const option of command.options) parser.addOption(option);
    parser.action(() => undefined).parse([...words], { from: 'user' });
    return { args: parser.args, options: parser.opts() };
  }

  /**
   * Checks the arguments and asks for missing ones. It runs once for all tenants, before the database is
   * opened.
   *
   * @throws UsageError
   */
  prepare(task: Task<Options>): Task<Options> | Promise<Task<Options>> {
    return task;
  }

  /**
   * Does the work of the command in the tenant's context.
   *
   * @returns what `--json` prints
   */
  protected abstract work(application: ModuleRef, task: Task<Options>): Promise<R>;

  /** Returns the lines to print of a result without `--json`. */
  abstract linesOf(result: R): readonly string[];
}
