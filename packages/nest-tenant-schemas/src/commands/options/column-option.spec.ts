import { addColumn, withColumns } from './column-option.js';

it.each([
  ['plan=pro', 'pro'],
  ['plan=', ''],
  ['plan=a=b', 'a=b'],
  ['plan=true', true],
  ['plan=3', 3],
  ['plan="3"', '3'],
  ['plan=null', null],
  ['plan={"seats":3}', { seats: 3 }],
  ['plan={seats', '{seats'],
  ['plan=2030-05-30', '2030-05-30'],
])('reads %j as the value %j', (assignment, value) => {
  expect(addColumn(assignment)).toEqual({ plan: value });
});

it('adds a column to those before it', () => {
  expect(addColumn('seats=3', { plan: 'pro' })).toEqual({ plan: 'pro', seats: 3 });
});

it.each(['plan', '=pro', 'pl an=pro', ''])('rejects %j', (assignment) => {
  expect(() => addColumn(assignment)).toThrow(`(got ${JSON.stringify(assignment)})`);
});

it('rejects a column that another flag gives', () => {
  expect(withColumns({ plan: 'pro' }, { schema: 'acme' })).toEqual({ plan: 'pro', schema: 'acme' });
  expect(() => withColumns({ schema: 'other' }, { name: 'Acme', schema: 'acme' })).toThrow(
    '--set schema is not possible',
  );
});

it('rejects a column that is set twice', () => {
  expect(() => addColumn('plan=a', { plan: 'b' })).toThrow('--set sets the column plan twice');
});
