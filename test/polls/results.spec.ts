// The results of a poll, read on the DataSource that is bound to the request's tenant. Only their providers are created for each
// request. Those of the lists stay singletons.
import { ModulesContainer } from '@nestjs/core';
import { ChoicesController } from '../../src/polls/choices.controller.js';
import { PollResultsController } from '../../src/polls/poll-results.controller.js';
import { PollsController } from '../../src/polls/polls.controller.js';
import { PollsModule } from '../../src/polls/polls.module.js';
import { noSuch, type PollsSetUp, setUpPolls } from './support.js';

let polls: PollsSetUp;

beforeAll(async () => {
  polls = await setUpPolls();
});

afterAll(() => polls.stop());

it("gives each tenant's own results, also of requests that are under way at once", async () => {
  const { a, b } = polls;
  await a.poll('Tea or coffee?', ['Tea', 'Coffee']);
  await b.poll('Bread?');
  const ofA = {
    status: 200,
    body: {
      id: 1,
      question: 'Tea or coffee?',
      total_votes: 0,
      choices: [
        { id: 1, choice_text: 'Tea', votes: 0 },
        { id: 2, choice_text: 'Coffee', votes: 0 },
      ],
    },
  };
  const ofB = { status: 200, body: { id: 1, question: 'Bread?', total_votes: 0, choices: [] } };
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? a : b).send('GET', '/polls/1/results'),
    ),
  );
  expect(answers).toEqual(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? ofA : ofB)));
});

it('answers 404 for the results of a poll that is not there', async () => {
  expect(await polls.a.send('GET', '/polls/99/results')).toEqual(noSuch('poll'));
});

it('creates only the providers of results for each request', () => {
  const modules = [...polls.application.app.get(ModulesContainer).values()];
  const module = modules.find(({ metatype }) => metatype === PollsModule);
  const isSingleton = (controller: Parameters<Map<unknown, unknown>['get']>[0]): unknown =>
    module?.controllers.get(controller as never)?.isDependencyTreeStatic();
  expect(isSingleton(PollsController)).toBe(true);
  expect(isSingleton(ChoicesController)).toBe(true);
  expect(isSingleton(PollResultsController)).toBe(false);
});
