// The operator's commands
export { type CommandLine, runCommands } from './run-commands.js';
export { TenantCommandsModule, type TenantCommandsOptions } from './tenant-commands.module.js';
export { type NewNames, TenantNaming } from './tenants/tenant-naming.js';
export { TenantPresenter } from './tenants/tenant-presenter.js';
export { TenantSuspension } from './tenants/tenant-suspension.js';

// Commands of an application
export {
  CliRuntime,
  type CliRuntimeOptions,
  type CliWork,
  type OpenApplication,
} from './runtime/cli-runtime.js';
export { TenancyCommand } from './runtime/tenancy-command.js';
export { TenantCommand } from './scoped/tenant-command.decorator.js';
export {
  APPLICATION,
  type Task,
  type TenantOptions,
  TenantScopedCommand,
} from './scoped/tenant-scoped-command.js';

// Arguments and options
export { parseChoice } from './options/choice.js';
export { parseNumber } from './options/parse-number.js';
export { SCHEMA_ARGUMENT } from './options/schema-argument.js';
export { parseSchemas, SCHEMA_OPTION } from './options/schema-option.js';
export { parseYesNo } from './options/yes-no.js';

// The terminal
export { ExitCode, ReportedFailure, UsageError } from './terminal/exit-code.js';
export { nameSome } from './terminal/output/name-some.js';
export { print, printJson, printProblem } from './terminal/output/output.js';
export { ProgressBar } from './terminal/progress-bar.js';
export { canAsk, Questions } from './terminal/questions.js';
export { tableLines } from './terminal/output/table.js';
