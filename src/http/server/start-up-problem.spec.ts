// The message of a failed start.
import { startUpProblem } from './start-up-problem.js';

it.each([
  [{ code: 'EADDRINUSE', syscall: 'listen', port: 3000 }, 'Port 3000 is in use.'],
  [{ code: 'EADDRINUSE', syscall: 'bind', port: 3000 }, 'Port 3000 is in use.'],
  [
    { code: 'EACCES', syscall: 'listen', port: 80 },
    'Port 80 requires privileges that this user does not have.',
  ],
  [
    { code: 'EADDRNOTAVAIL', syscall: 'listen', address: '10.0.0.9' },
    'HOST 10.0.0.9 is not an address of this machine.',
  ],
  [
    { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'nowhere' },
    'HOST nowhere cannot be resolved.',
  ],
  [{ code: 'EACCES', syscall: 'open' }, 'original message'],
  [{}, 'original message'],
])('explains %j', (fields, expected) => {
  const problem = startUpProblem(Object.assign(new Error('original message'), fields));
  expect(problem.startsWith(expected)).toBe(true);
});

it('returns the text of a value that is not an error', () => {
  expect(startUpProblem('odd')).toBe('odd');
});
