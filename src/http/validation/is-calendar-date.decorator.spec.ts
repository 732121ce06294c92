// Existing days in the format YYYY-MM-DD.
import { validateSync } from 'class-validator';
import { IsCalendarDate } from './is-calendar-date.decorator.js';

class Dated {
  @IsCalendarDate()
  day: unknown;
}

function problem(day: unknown): string | undefined {
  const [error] = validateSync(Object.assign(new Dated(), { day }));
  return error?.constraints?.isCalendarDate;
}

it.each(['2030-05-30', '2028-02-29', '2000-02-29', '0001-01-01', '9999-12-31'])(
  'accepts %s',
  (day) => {
    expect(problem(day)).toBeUndefined();
  },
);

/** Days that do not exist. */
const NO_DAYS =
  '2030-02-30 2030-02-29 1900-02-29 2030-04-31 2030-13-01 2030-00-10 2030-01-00 0000-01-01';

/** Days in another format, and other values. */
const MISSPELT = [
  '2030-1-1',
  '30-05-2030',
  '2030/05/30',
  '2030-05-30T00:00:00Z',
  ' 2030-05-30',
  '2030-05-30\n',
  '+12030-05-30',
  '',
  20_300_530,
  null,
  new Date(0),
  [['2030-05-30']],
];

it.each([...NO_DAYS.split(' '), ...MISSPELT])('rejects %j', (day) => {
  expect(problem(day)).toBe('day must be a date, written YYYY-MM-DD');
});
