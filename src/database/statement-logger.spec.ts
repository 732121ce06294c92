import { Logger } from '@nestjs/common';
import { StatementLogger } from './statement-logger.js';

it('logs the same warning of several connections once', () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  const logger = new StatementLogger(false);
  for (let n = 0; n < 10; n++) logger.log('warn', 'Connection terminated unexpectedly');
  logger.log('warn', 'another one');
  expect(warn.mock.calls).toEqual([['Connection terminated unexpectedly'], ['another one']]);
  warn.mockRestore();
});
