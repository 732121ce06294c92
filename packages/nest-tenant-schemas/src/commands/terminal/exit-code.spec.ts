import { TenantConflictError, TenantNotFoundError } from '../../index.js';
import { ExitCode, exitCodeOf, problemOf, ReportedFailure, UsageError } from './exit-code.js';

function commandersError(code: string, exitCode: number): Error {
  return Object.assign(new Error('printed by commander'), { code, exitCode });
}

it.each([
  ['help that was asked for', commandersError('commander.helpDisplayed', 0), ExitCode.Done],
  ['the version', commandersError('commander.version', 0), ExitCode.Done],
  ['no command at all', commandersError('commander.help', 1), ExitCode.WrongUsage],
  ['an unknown option', commandersError('commander.unknownOption', 1), ExitCode.WrongUsage],
  ['a rule that a flag breaks', new UsageError('no'), ExitCode.WrongUsage],
  ['an unknown tenant', new TenantNotFoundError(), ExitCode.WrongUsage],
  ['a tenant that exists', new TenantConflictError('schema "acme"'), ExitCode.Failed],
  ['a failure that was already reported', new ReportedFailure(), ExitCode.Failed],
  ['anything else', Object.assign(new Error('no'), { code: '42P01' }), ExitCode.Failed],
])('exits for %s with its code', (_what, error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});

it('reports no problem twice', () => {
  expect(problemOf(new ReportedFailure())).toBeUndefined();
  expect(problemOf(commandersError('commander.unknownOption', 1))).toBeUndefined();
  expect(problemOf(new UsageError('Give a name.'))).toBe('Give a name.');
});

it('reports an error without a message by what it contains, or by its name', () => {
  const refused = [new Error('connect ECONNREFUSED ::1:1'), 'connect ECONNREFUSED 127.0.0.1:1'];
  expect(problemOf(new AggregateError(refused))).toBe(
    'connect ECONNREFUSED ::1:1 connect ECONNREFUSED 127.0.0.1:1',
  );
  expect(problemOf(new TypeError())).toBe('TypeError');
});
