import { assertDriverVersion } from './driver-version.js';

it.each(['8.20.0', '8.23.1', '9.0.0', undefined])('accepts pg %s', (version) => {
  expect(() => assertDriverVersion(version)).not.toThrow();
});

it.each(['8.19.9', '8.0.0', '7.18.2'])('rejects pg %s, and says what to do', (version) => {
  expect(() => assertDriverVersion(version)).toThrow(`(got ${version}). Install it: npm i pg@8`);
});
