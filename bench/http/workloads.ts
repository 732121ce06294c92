import { SEEDED } from '../database.js';
import type { Step } from '../load/index.js';

interface Workload {
  /** The short name, for the summary. */
  readonly name: string;
  /** For a table. */
  readonly title: string;
  readonly steps: readonly Step[];
}

const QUESTION = '"question":"Asked of {mark}"';
const CHOICES = '"choices":["Yes, {mark}","No, {mark}","Do not know, {mark}"]';

const MAKE_POLL: Step = {
  method: 'POST',
  path: '/polls',
  body: `{${QUESTION},${CHOICES}}`,
  status: 201,
  keepsId: true,
};
const READ_POLLS: Step = { method: 'GET', path: '/polls', status: 200 };
const READ_POLL: Step = { method: 'GET', path: '/polls/{id}', status: 200 };

/** What is sent, by the names that `--workloads` takes. */
export const WORKLOADS = {
  find: {
    name: 'one poll',
    title: 'one poll with its 3 choices',
    steps: [{ method: 'GET', path: '/polls/1', status: 200 }],
  },
  list: {
    name: 'list without relations',
    title: 'a list of 20 choices, without a join',
    steps: [{ method: 'GET', path: `/polls/${SEEDED.polls}/choices`, status: 200 }],
  },
  list_relations: {
    name: 'list with relations',
    title: 'a list of 20 polls with 3 choices each',
    steps: [READ_POLLS],
  },
  insert_row: {
    name: 'one new row',
    title: 'a new poll, one row: save() in a transaction',
    steps: [{ ...MAKE_POLL, body: `{${QUESTION}}` }],
  },
  insert_poll: {
    name: 'new poll with relations',
    title: 'a new poll with 3 choices: save() in a transaction',
    steps: [MAKE_POLL],
  },
  mix: {
    name: "a poll's life",
    title:
      "a poll's life: create it, 5 reads, 2 lists, add a choice, change it, results, delete it",
    steps: [
      MAKE_POLL,
      READ_POLL,
      READ_POLLS,
      READ_POLL,
      {
        method: 'POST',
        path: '/polls/{id}/choices',
        body: '{"choice_text":"Added by {mark}"}',
        status: 201,
      },
      READ_POLL,
      { method: 'PATCH', path: '/polls/{id}', body: `{${QUESTION}}`, status: 200 },
      READ_POLL,
      READ_POLLS,
      READ_POLL,
      { method: 'GET', path: '/polls/{id}/results', status: 200 },
      { method: 'DELETE', path: '/polls/{id}', status: 204 },
    ],
  },
} as const satisfies Record<string, Workload>;

export type WorkloadName = keyof typeof WORKLOADS;

export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as WorkloadName[];

/** Whether a workload leaves tables other than it found them. */
export function isWriting(workload: WorkloadName): boolean {
  const steps: readonly Step[] = WORKLOADS[workload].steps;
  return steps.some(({ method }) => method !== 'GET');
}
