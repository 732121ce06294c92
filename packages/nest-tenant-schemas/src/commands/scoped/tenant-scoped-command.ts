import type { Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type Tenant, tenantContext, TenantManager } from '../../index.js';
import { print, printJson } from '../terminal/output.js';
import { TenancyCommand } from '../runtime/tenancy-command.js';

/** The application, as a service of its own. Nest gives it out, though its class is abstract. */
export const APPLICATION = ModuleRef as unknown as Type<ModuleRef>;

export interface TenantOptions {
  readonly json?: boolean;
}

/** What a command is to do, without the tenant that it does it in. */
export interface Task<Options extends TenantOptions = TenantOptions> {
  readonly args: readonly string[];
  readonly options: Options;
}

/** A command that works in one tenant; `@TenantCommand` gives it its name. */
export abstract class TenantScopedCommand<
  R = unknown,
  Options extends TenantOptions = TenantOptions,
> extends TenancyCommand {
  /** As the user knows it. */
  get name(): string {
    return this.command.name();
  }

  async run([schema = '', ...args]: string[], options: Options): Promise<void> {
    const task = await this.prepare({ args, options });
    await this.runtime.useUpToDate(APPLICATION, async (application) => {
      const tenants = application.get(TenantManager, { strict: false });
      const result = await this.runIn(await tenants.getBySchema(schema), application, task);
      // Before anything is closed, which may fail: what is done is done, and may be told only once.
      if (options.json) return printJson(result ?? null);
      for (const line of this.linesOf(result)) print(line);
    });
  }

  /** Does the work in a tenant, without printing: repositories and DataSource are that tenant's. */
  runIn(tenant: Tenant, application: ModuleRef, task: Task<Options>): Promise<R> {
    return this.enter(tenant, () => this.work(application, task));
  }

  /** Runs work in a tenant. Where tenants have roles it has the rights of the tenant's, unless a command overrides this. */
  protected enter<T>(tenant: Tenant, work: () => T): T {
    return tenantContext.run(tenant, work);
  }

  /**
   * Reads what the user typed after the command's name, the schema left out.
   *
   * @throws CommanderError for what the command does not take, and for `--help`
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
   * Checks what was typed and asks what it left open: once, whatever the number of tenants, and before the
   * database is opened.
   *
   * @throws UsageError
   */
  prepare(task: Task<Options>): Task<Options> | Promise<Task<Options>> {
    return task;
  }

  /**
   * The command's own work. It is run in the tenant's context.
   *
   * @returns what `--json` prints
   */
  protected abstract work(application: ModuleRef, task: Task<Options>): Promise<R>;

  /** What is printed of a result without `--json`. */
  abstract linesOf(result: R): readonly string[];
}
