import { expect, test } from '@jest/globals';
import { realPartsLine } from './real-parts-line.ts';

const file = (...tests: readonly (readonly [status: string, ...titles: string[]])[]) => ({
  testResults: tests.map(([status, ...ancestorTitles]) => ({ status, ancestorTitles })),
});

test('each part that tests passed over is named once, with its version, over all files', () => {
  const results = {
    testResults: [
      file(['passed', 'over ministack 1.5.33', 'ed25519'], ['passed', 'over ministack 1.5.33'], ['passed', 'other']),
      file(['passed', 'panels', 'over prometheus 2.42.0+ds'], ['passed', 'over ministack 1.5.33']),
      file(['passed', 'over local-kms v0.0.0-20250101000000-e4d942500000'], ['passed', 'over softhsm2 2.6.1']),
    ],
  };
  expect(realPartsLine(results)).toBe(
    'Real parts: local-kms v0.0.0-20250101000000-e4d942500000 (1 tests), ministack 1.5.33 (3 tests), prometheus 2.42.0+ds (1 tests), softhsm2 2.6.1 (1 tests)',
  );
});

test('a test that failed or was skipped ran over nothing', () => {
  const results = { testResults: [file(['failed', 'over ministack 1.5.33'], ['pending', 'over prometheus 2.42.0'])] };
  expect(realPartsLine(results)).toBeUndefined();
});

test('a part that was not there is named as not run', () => {
  const results = {
    testResults: [
      file(['pending', 'over local-kms: skipped, not found (neither on PATH nor in LOCAL_KMS)']),
      file(['failed', 'over promtool: required, not found (neither on PATH nor in PROMTOOL)']),
    ],
  };
  expect(realPartsLine(results)).toBe(
    'Real parts: none; not run: local-kms (skipped, not found), promtool (required, not found)',
  );
});

test('a run that has nothing to do with parts has no such line', () => {
  expect(
    realPartsLine({ testResults: [file(['passed', 'over mTLS'], ['passed', 'over the dev KMS'])] }),
  ).toBeUndefined();
});
