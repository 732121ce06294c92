// Why the server did not start, in words for a person at a terminal.
import { startUpProblem } from './start-up-problem.js';

it.each([
  [{ code: 'EADDRINUSE', syscall: 'listen', port: 3000 }, 'Port 3000 is in use.'],
  [{ code: 'EADDRINUSE', syscall: 'bind', port: 3000 }, 'Port 3000 is in use.'],
  [{ code: 'EACCES', syscall: 'listen', port: 80 }, 'Port 80 is not allowed to this user.'],
  [
    { code: 'EADDRNOTAVAIL', syscall: 'listen', address: '10.0.0.9' },
    'HOST 10.0.0.9 is no address of this machine.',
  ],
  [
    { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'nowhere' },
    'HOST nowhere is not known.',
  ],
  [{ code: 'EACCES', syscall: 'open' }, 'as it was said'],
  [{}, 'as it was said'],
])('says of %j what to do', (fields, told) => {
  const problem = startUpProblem(Object.assign(new Error('as it was said'), fields));
  expect(problem.startsWith(told)).toBe(true);
});

it('takes what is no error as it is', () => {
  expect(startUpProblem('odd')).toBe('odd');
});
