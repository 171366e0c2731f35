import { expect, test } from '@jest/globals';
import { readGauge } from './gauge.ts';

const text = `# HELP countersign_key_custody_path 1 for the path in force
# TYPE countersign_key_custody_path gauge
countersign_key_custody_path{key="treasury-evm",path="legacy"} 1
countersign_key_custody_path{key="treasury-evm",path="kms"} 0
countersign_key_custody_path_total{key="treasury-evm",path="kms"} 7
up 1
`;

test.each([
  [{ path: 'legacy', key: 'treasury-evm' }, 1],
  [{ key: 'treasury-evm', path: 'kms' }, 0],
  [{ key: 'treasury-stellar', path: 'kms' }, undefined],
  [{ key: 'treasury-evm', path: 'kms', more: '' }, undefined],
])('%j → %p', (labels, value) => {
  expect(readGauge(text, 'countersign_key_custody_path', labels)).toBe(value);
});
