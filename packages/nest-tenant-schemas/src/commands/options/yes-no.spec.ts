import { UsageError } from '../terminal/exit-code.js';
import { parseYesNo } from './yes-no.js';

it.each(['y', 'Y', 'yes', 'true', 'True', ' TRUE '])('takes %j for yes', (answer) => {
  expect(parseYesNo('On trial', answer)).toBe(true);
});

it.each(['n', 'N', 'no', 'false', 'False', ' FALSE '])('takes %j for no', (answer) => {
  expect(parseYesNo('On trial', answer)).toBe(false);
});

it.each(['', 'maybe', '1', 'yesno', 'constructor'])(
  'refuses %j, naming what was asked',
  (answer) => {
    const refused = (): boolean => parseYesNo('On trial', answer);
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow(
      `On trial must be y, yes, true, n, no or false (got ${JSON.stringify(answer)})`,
    );
  },
);
