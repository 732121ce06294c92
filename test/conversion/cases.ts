// What an application of polls does, whichever form it has: requests, each with the answer that is expected.

/** `METHOD path`, what is sent, and the answer: its status and its body; by a user's id who sends it, if anybody. */
export type Step = readonly [
  request: string,
  sent: unknown,
  status: number,
  answer: unknown,
  user?: number,
];

const poll = (
  id: number,
  question: string,
  choices: readonly object[] = [],
  created_by: object | null = null,
): object => ({ id, question, pub_date: expect.any(String), created_by, choices });

const choice = (id: number, choice_text: string, votes = 0): object => ({ id, choice_text, votes });

const TEA = poll(1, 'Tea or coffee?', [choice(1, 'Tea'), choice(2, 'Coffee')]);

const ADD_TEA: Step = [
  'POST /polls',
  { question: 'Tea or coffee?', choices: ['Tea', 'Coffee'] },
  201,
  TEA,
];

const ADD_BREAD: Step = ['POST /polls', { question: 'Bread?' }, 201, poll(2, 'Bread?')];

const NO_POLL = { statusCode: 404, code: 'NOT_FOUND', message: 'There is no poll with this id.' };

const NO_CHOICE = { ...NO_POLL, message: 'There is no choice with this id.' };

const VOTED = expect.objectContaining({ statusCode: 409, code: 'CONFLICT' });

const COFFEE_WINS = [choice(1, 'Tea'), choice(2, 'Coffee', 2)];

const USER_1 = { id: 1, username: 'user 1' };

const INVALID = {
  statusCode: 400,
  code: 'VALIDATION_FAILED',
  message: expect.any(String),
  details: [{ field: 'question', message: 'question must not be blank' }],
};

/** By title. Each begins with empty tables, whose next ids are 1; users 1 and 2 are there where steps are theirs. */
export const CASES: Readonly<Record<string, readonly Step[]>> = {
  'begins empty': [
    ['GET /polls', undefined, 200, { items: [], next_cursor: null }],
    ['GET /copies/count', undefined, 200, { polls: 0 }],
  ],
  'makes and reads polls (repositories, cascades, relations)': [
    ADD_TEA,
    ADD_BREAD,
    ['GET /polls/1', undefined, 200, TEA],
  ],
  'lists polls in pages (query builders, subqueries)': [
    ADD_TEA,
    ADD_BREAD,
    ['GET /polls?limit=1', undefined, 200, { items: [TEA], next_cursor: 'YWZ0ZXI6MQ' }],
    [
      'GET /polls?limit=1&cursor=YWZ0ZXI6MQ',
      undefined,
      200,
      { items: [poll(2, 'Bread?')], next_cursor: null },
    ],
  ],
  'changes and deletes polls': [
    ADD_TEA,
    ADD_BREAD,
    ['PATCH /polls/2', { question: 'Cake?' }, 200, poll(2, 'Cake?')],
    ['DELETE /polls/1', undefined, 204, undefined],
    ['GET /polls', undefined, 200, { items: [poll(2, 'Cake?')], next_cursor: null }],
  ],
  'adds choices': [
    ADD_TEA,
    ['POST /polls/1/choices', { choice_text: 'Milk' }, 201, choice(3, 'Milk')],
    [
      'GET /polls/1/choices?limit=2',
      undefined,
      200,
      { items: [choice(1, 'Tea'), choice(2, 'Coffee')], next_cursor: 'YWZ0ZXI6Mg' },
    ],
  ],
  'counts results (the bound DataSource)': [
    ADD_TEA,
    [
      'GET /polls/1/results',
      undefined,
      200,
      {
        id: 1,
        question: 'Tea or coffee?',
        total_votes: 0,
        choices: [choice(1, 'Tea'), choice(2, 'Coffee')],
      },
    ],
  ],
  'counts votes, one of each user (constraints, counts in the same statement)': [
    ADD_TEA,
    ['POST /polls/1/choices/2/vote', undefined, 201, choice(2, 'Coffee', 1), 1],
    ['POST /polls/1/choices/1/vote', undefined, 409, VOTED, 1],
    ['POST /polls/1/choices/2/vote', undefined, 201, choice(2, 'Coffee', 2), 2],
    ['POST /polls/1/choices/3/vote', undefined, 404, NO_CHOICE, 2],
    ['GET /polls/1', undefined, 200, poll(1, 'Tea or coffee?', COFFEE_WINS)],
    [
      'GET /polls/1/results',
      undefined,
      200,
      { id: 1, question: 'Tea or coffee?', total_votes: 2, choices: COFFEE_WINS },
    ],
  ],
  "lets a poll's creator change it (joined users)": [
    ['POST /polls', { question: 'Bread?' }, 201, poll(1, 'Bread?', [], USER_1), 1],
    [
      'PATCH /polls/1',
      { question: 'Cake?' },
      403,
      expect.objectContaining({ code: 'FORBIDDEN' }),
      2,
    ],
    ['PATCH /polls/1', { question: 'Cake?' }, 200, poll(1, 'Cake?', [], USER_1), 1],
    ['DELETE /polls/1', undefined, 204, undefined, 1],
  ],
  'copies a poll (EntityManager, transactions)': [
    ADD_TEA,
    ['POST /copies/1', {}, 201, { id: 2 }],
    [
      'GET /polls/2',
      undefined,
      200,
      poll(2, 'Tea or coffee?', [choice(3, 'Tea'), choice(4, 'Coffee')]),
    ],
    ['GET /copies/count', undefined, 200, { polls: 2 }],
  ],
  'leaves nothing of a transaction that is rolled back': [
    ADD_TEA,
    ['POST /copies/1', { fail: true }, 500, expect.objectContaining({ code: 'INTERNAL_ERROR' })],
    ['GET /polls', undefined, 200, { items: [TEA], next_cursor: null }],
    ['GET /copies/count', undefined, 200, { polls: 1 }],
  ],
  'refuses what is wrong, and what is not there (constraints by their SQLSTATE)': [
    ['POST /polls', { question: ' ' }, 400, INVALID],
    ['GET /polls/1', undefined, 404, NO_POLL],
    ['POST /polls/1/choices', { choice_text: 'Milk' }, 404, NO_POLL],
    ['DELETE /polls/1', undefined, 404, NO_POLL],
  ],
};
