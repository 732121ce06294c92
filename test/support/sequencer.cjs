// Starts the longest suites first, so that the end of a run does not wait for one of them. Without times of an earlier run Jest
// uses the sizes of files, which do not fit here.
const { default: Sequencer } = require('@jest/test-sequencer');

/** Their paths, as `scripts/slowest-suites.js` prints them; the end is enough. */
const SLOWEST = [
  '/model/model.spec.ts',
  '/typeorm/surface.spec.ts',
  '/model/controls.spec.ts',
  '/embedded-crash.spec.ts',
  '/embedded-account.spec.ts',
  '/schemas/drop/drop.spec.ts',
  '/provisioning/schema-comment.spec.ts',
  '/commands/lifecycle/lifecycle-delete.spec.ts',
  '/roles/application.spec.ts',
  '/e2e/cluster-end.e2e-spec.ts',
  '/faults/restarted-server.spec.ts',
];

const rank = ({ path }) => {
  const index = SLOWEST.findIndex((end) => path.endsWith(end));
  return index < 0 ? SLOWEST.length : index;
};

module.exports = class SlowestFirst extends Sequencer {
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- Jest's own method, which returns a copy
    return super.sort(tests).toSorted((one, other) => rank(one) - rank(other));
  }
};
