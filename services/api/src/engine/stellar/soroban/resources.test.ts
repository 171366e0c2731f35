import { describe, expect, test } from '@jest/globals';
import { xdr } from '@stellar/stellar-sdk/base';
import fc from 'fast-check';
import { canDeclareMore, declareResources, feeWithHeadroom, headroomAfter, type Tried } from './resources.ts';

const tried = (state: Tried['state'], outcome: string, ...codes: string[]): Tried => ({
  state,
  outcome,
  failedOperations: codes.map((code, index) => ({ index, code })),
});

function simulated(instructions: number, diskReadBytes: number, writeBytes: number, minResourceFee: bigint) {
  const footprint = new xdr.LedgerFootprint({ readOnly: [], readWrite: [] });
  const resources = new xdr.SorobanResources({ footprint, instructions, diskReadBytes, writeBytes });
  const data = new xdr.SorobanTransactionData({
    ext: xdr.SorobanTransactionDataExt.v0(),
    resources,
    resourceFee: minResourceFee,
  });
  return { kind: 'passed', ledger: 1n, data, minResourceFee, authorizations: [] } as const;
}

describe('headroom', () => {
  test('grows with each envelope that declared too little, on the ledger or before it, and with no other', () => {
    const tooLittle = [
      tried('failed', 'TX_FAILED', 'INVOKE_HOST_FUNCTION_RESOURCE_LIMIT_EXCEEDED'),
      tried('superseded', 'TX_SOROBAN_INVALID'),
    ];
    const others = [
      tried('failed', 'TX_FAILED', 'INVOKE_HOST_FUNCTION_TRAPPED'),
      tried('expired', 'TX_SOROBAN_INVALID'),
      tried('refused', 'POLICY_DENIED'),
    ];
    expect([0, 1, 2].map((count) => headroomAfter([...tooLittle.slice(0, count), ...others]))).toEqual([
      125n,
      150n,
      200n,
    ]);
    expect([1, 2].map((count) => canDeclareMore(tooLittle.slice(0, count)))).toEqual([true, false]);
  });

  test('is declared of all but the footprint, and the fee stays within the most that is allowed', () => {
    const { sorobanData, resourceFee } = declareResources(simulated(1_000, 10, 3, 400n), 125n, 505n);
    const { resources, resourceFee: declared } = xdr.SorobanTransactionData.fromXdr(sorobanData);
    expect([resources.instructions, resources.diskReadBytes, resources.writeBytes]).toEqual([1_250, 13, 4]);
    expect([resourceFee, declared]).toEqual([505n, 505n]);
  });

  test('never declares less than was measured, nor more than fits', () => {
    const count = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(count, count, count, fc.bigInt({ min: 1n, max: 2n ** 40n }), (a, b, c, fee) => {
        const { sorobanData, resourceFee } = declareResources(simulated(a, b, c, fee), 200n, 2n ** 62n);
        const { resources } = xdr.SorobanTransactionData.fromXdr(sorobanData);
        expect(resources.instructions).toBeGreaterThanOrEqual(a);
        expect(resources.diskReadBytes).toBeGreaterThanOrEqual(b);
        expect(resources.writeBytes).toBeGreaterThanOrEqual(c);
        expect(resourceFee).toBe(feeWithHeadroom(fee, 200n));
        expect(resourceFee).toBeGreaterThan(fee);
      }),
    );
  });
});
