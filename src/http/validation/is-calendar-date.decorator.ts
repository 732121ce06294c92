import { ValidateBy } from 'class-validator';

/** Validates an existing day in the format YYYY-MM-DD. It rejects the year 0, which PostgreSQL does not have. */
export const IsCalendarDate = (): PropertyDecorator =>
  ValidateBy({
    name: 'isCalendarDate',
    validator: {
      validate: isCalendarDate,
      defaultMessage: (args) => `${args?.property} must be a date, written YYYY-MM-DD`,
    },
  });

function isCalendarDate(value: unknown): boolean {
  if (typeof value !== 'string' || !/^(?!0000)\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const time = Date.parse(`${value}T00:00:00Z`);
  // Date.parse() reads 30 February as 1 or 2 March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}
