import { closeApplication } from './close-application.js';

let problems: string;

beforeEach(() => {
  problems = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    problems += String(text);
    return true;
  });
});

afterEach(() => jest.restoreAllMocks());

it.each([
  ['never settles', () => new Promise<void>(() => undefined), 'it did not close within 0.001 s.'],
  ['rejects', () => Promise.reject(new Error('Redis is gone.')), 'Redis is gone.'],
  ['rejects with text', () => Promise.reject('gone'), 'gone'],
])('reports a close that %s', async (_case, close: () => Promise<void>, reason) => {
  await closeApplication({ close }, 1);
  expect(problems).toBe(`The application failed to close: ${reason}\n`);
});

it('reports nothing if the application closes', async () => {
  await closeApplication({ close: () => Promise.resolve() });
  expect(problems).toBe('');
});
