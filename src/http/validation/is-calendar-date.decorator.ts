import { ValidateBy } from 'class-validator';

/** Validates a day that exists, written YYYY-MM-DD. PostgreSQL has no year 0, as history has none. */
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
  // 30 February is parsed as 1 or 2 March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}
