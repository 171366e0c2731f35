import { describe, expect, test } from '@jest/globals';
import {
  ExtendFootprintTtlOp,
  ExtensionPoint,
  HostFunction,
  InvokeHostFunctionOp,
  LedgerFootprint,
  type LedgerKey,
  Memo,
  MuxedAccount,
  MuxedAccountMed25519,
  Operation,
  OperationBody,
  SorobanResources,
  SorobanTransactionData,
} from '@stellar/stellar-sdk/xdr';
import { accountKey } from '../ledger/account.ts';
import { contractDataKey } from '../ledger/contract-entries.ts';
import {
  bySource,
  type CallDraft,
  callEnvelope,
  invocation,
  SOME_CONTRACT,
  simulatedData,
  simulateTransfer,
  transferArgs,
} from '../testing/contract-calls.ts';
import { buildFeeBump, createHarness, LUMEN } from '../testing/harness.ts';
import { pay } from '../testing/operations.ts';
import { archive, deployAssetContract, SorobanAdminError } from './admin.ts';
import { instancePlace } from './asset-contract.ts';
import { balancePlace } from './balance.ts';
import { liveUntil } from './lifetime.ts';

/** A transfer of lumens to a contract by the source account, and what it needs. */
function call() {
  const harness = createHarness();
  const source = harness.fund(100n * LUMEN);
  const contract = deployAssetContract(harness.ledger, 'native');
  const transfer = { contract, from: source.publicKey(), to: SOME_CONTRACT, amount: LUMEN };
  const data = simulatedData(simulateTransfer(harness, transfer, source));
  const operations = [invocation(transferArgs(transfer), [bySource(transfer)])];
  const envelope = (own: Partial<CallDraft> = {}) => callEnvelope(harness, { source, operations, data, ...own });
  return { harness, source, contract, transfer, data, operations, envelope };
}

type Change = Partial<ConstructorParameters<typeof SorobanResources>[0]>;

function changed(data: SorobanTransactionData, change: Change, resourceFee = data.resourceFee) {
  return new SorobanTransactionData({
    ...data,
    resources: new SorobanResources({ ...data.resources, ...change }),
    resourceFee,
  });
}

function footprint(readOnly: readonly LedgerKey[], readWrite: readonly LedgerKey[]) {
  return { footprint: new LedgerFootprint({ readOnly: [...readOnly], readWrite: [...readWrite] }) };
}

const failed = (code: string) => ({ result: { tx_failed: [{ op_inner: { invoke_host_function: code } }] } });
const SUCCESS = { result: { tx_success: [{ op_inner: { invoke_host_function: {} } }] } };

describe('what is declared', () => {
  test('as the simulation said is enough, and not an instruction or a byte less', () => {
    const { harness, data, envelope } = call();
    const { instructions, diskReadBytes, writeBytes } = data.resources;
    const apply = (change: Change) => harness.apply(envelope({ data: changed(data, change) }));
    expect(apply({ instructions: instructions - 50_001 })).toMatchObject(failed('resource_limit_exceeded'));
    expect(apply({ writeBytes: writeBytes - 1 })).toMatchObject(failed('resource_limit_exceeded'));
    expect(apply({ diskReadBytes: diskReadBytes - 1 })).toMatchObject(failed('resource_limit_exceeded'));
    expect(apply({ instructions: instructions - 50_000 })).toMatchObject(SUCCESS);
  });

  test('must have every entry in its footprint, to be written where it is written', () => {
    const { harness, data, envelope } = call();
    const { readOnly, readWrite } = data.resources.footprint;
    const apply = (change: Change) => harness.apply(envelope({ data: changed(data, change) }));
    expect(apply(footprint([], readWrite))).toMatchObject(failed('trapped'));
    for (const key of readWrite) {
      const others = readWrite.filter((each) => each !== key);
      expect(apply(footprint(readOnly, others))).toMatchObject(failed('trapped'));
      expect(apply(footprint([...readOnly, key], others))).toMatchObject(failed('trapped'));
    }
    expect(apply(footprint(readOnly, readWrite))).toMatchObject(SUCCESS);
  });

  test('a fee that does not cover the rent fails the call', () => {
    const { harness, data, envelope } = call();
    const less = changed(data, {}, data.resourceFee - data.resourceFee / 4n);
    expect(harness.apply(envelope({ data: less }))).toMatchObject(failed('insufficient_refundable_fee'));
  });
});

describe('a call that cannot be valid is refused and costs nothing', () => {
  const INVALID = { result: 'tx_soroban_invalid' };
  const refuse = (draft: (of: ReturnType<typeof call>) => Partial<CallDraft>) => {
    const all = call();
    return all.harness.refused(all.envelope(draft(all)));
  };
  const account = ({ source }: ReturnType<typeof call>) => accountKey(source.publicKey());

  test('a resource fee above the whole fee', () => {
    expect(refuse(({ data }) => ({ fee: data.resourceFee - 1n }))).toMatchObject(INVALID);
  });
  test('no inclusion fee beside the resource fee', () => {
    expect(refuse(({ data }) => ({ fee: data.resourceFee + 99n }))).toMatchObject({ result: 'tx_insufficient_fee' });
  });
  test('a resource fee below that of what is declared', () => {
    expect(refuse(({ data }) => ({ data: changed(data, {}, 1000n) }))).toMatchObject(INVALID);
  });
  test.each([{ instructions: 100_000_001 }, { diskReadBytes: 200_001 }, { writeBytes: 132_097 }])(
    'beyond the limits: %p',
    (change) => {
      expect(refuse(({ data }) => ({ data: changed(data, change, 50_000_000n) }))).toMatchObject(INVALID);
    },
  );
  test('a key twice in the footprint', () => {
    expect(
      refuse((all) => {
        const { readOnly, readWrite } = all.data.resources.footprint;
        return { data: changed(all.data, footprint([...readOnly, account(all)], readWrite), 50_000_000n) };
      }),
    ).toMatchObject(INVALID);
  });
  test('a memo', () => {
    expect(refuse(() => ({ memo: Memo.memoText('hello') }))).toMatchObject(INVALID);
  });
  test('a muxed source', () => {
    expect(
      refuse(({ source }) => ({
        sourceAccount: MuxedAccount.keyTypeMuxedEd25519(
          new MuxedAccountMed25519({ id: 1n, ed25519: source.rawPublicKey() }),
        ),
      })),
    ).toMatchObject(INVALID);
  });
  test('a second operation, of either kind', () => {
    const MALFORMED = { result: 'tx_malformed' };
    expect(refuse(({ operations }) => ({ operations: [...operations, ...operations] }))).toMatchObject(MALFORMED);
    expect(refuse(({ operations, source }) => ({ operations: [...operations, pay(source, 1n)] }))).toMatchObject(
      MALFORMED,
    );
  });
  test('a negative resource fee, or one beyond all bounds', () => {
    for (const fee of [-1n, 2n ** 60n]) {
      expect(refuse(({ data }) => ({ fee: 1000n, data: changed(data, {}, fee) }))).toMatchObject({
        result: 'tx_malformed',
      });
    }
  });
  test('what the ledger does not run: other functions, other host functions, other operations', () => {
    const NOT_SUPPORTED = { result: 'tx_not_supported' };
    const upload = HostFunction.hostFunctionTypeUploadContractWasm(new Uint8Array(8));
    const bodies = [
      OperationBody.invokeHostFunction(new InvokeHostFunctionOp({ hostFunction: upload, auth: [] })),
      OperationBody.extendFootprintTtl(new ExtendFootprintTtlOp({ ext: ExtensionPoint.v0(), extendTo: 5 })),
    ];
    for (const body of bodies) {
      const operations = [new Operation({ sourceAccount: null, body })];
      expect(refuse(() => ({ operations }))).toMatchObject(NOT_SUPPORTED);
    }
    expect(refuse(({ transfer }) => ({ operations: [invocation(transferArgs(transfer, 'burn'))] }))).toMatchObject(
      NOT_SUPPORTED,
    );
  });
  test('nothing set aside for resources: a call in a transaction of the classic kind', () => {
    const { harness, source, operations } = call();
    expect(harness.refused({ source, operations })).toMatchObject({ result: 'tx_malformed' });
  });
});

describe('the fee', () => {
  test('is what the result says: what was not used of the refundable part comes back', () => {
    const { harness, source, data, envelope } = call();
    const before = harness.account(source).balance;
    const pool = harness.ledger.feePool();
    const answer = harness.send(envelope({ fee: data.resourceFee + 5_000n }));
    if (answer.status !== 'PENDING') throw new Error(answer.status);
    harness.close();
    const charged = harness.ledger.transaction(answer.hash)?.result.feeCharged ?? 0n;
    expect(before - harness.account(source).balance).toBe(LUMEN + charged);
    expect(harness.ledger.feePool() - pool).toBe(charged);
    // The simulation leaves 15 % for the refundable part, and reckons with a larger envelope.
    expect(charged).toBeLessThan(data.resourceFee);
    expect(charged).toBeGreaterThan(data.resourceFee / 2n);
  });

  test('of a failed call is without the refundable part', () => {
    const { harness, data, envelope } = call();
    const spent = (draft: Partial<CallDraft>) => {
      const answer = harness.send(envelope(draft));
      if (answer.status !== 'PENDING') throw new Error(answer.status);
      harness.close();
      return harness.ledger.transaction(answer.hash)?.result.feeCharged ?? 0n;
    };
    const { readWrite } = data.resources.footprint;
    const failure = spent({ data: changed(data, footprint([], readWrite), data.resourceFee + 1_000_000n) });
    const success = spent({ data: changed(data, {}, data.resourceFee + 1_000_000n) });
    expect(failure).toBeLessThan(success);
  });

  test('of a fee bump pays the resources that the inner transaction does not', () => {
    const { harness, data, envelope } = call();
    const payer = harness.fund(100n * LUMEN);
    const before = harness.account(payer).balance;
    const bump = buildFeeBump(envelope({ fee: 100n }), payer, data.resourceFee + 200n);
    expect(harness.apply(bump)).toMatchObject({ result: { tx_fee_bump_inner_success: {} } });
    const paid = before - harness.account(payer).balance;
    expect(paid).toBeLessThan(data.resourceFee);
    expect(paid).toBeGreaterThan(data.resourceFee / 2n);
  });

  test('moves lumens and makes none', () => {
    const { harness, transfer, envelope } = call();
    const total = () => harness.ledger.accounts().reduce((sum, each) => sum + each.balance, harness.ledger.feePool());
    const before = total();
    harness.apply(envelope());
    expect(total()).toBe(before - transfer.amount);
  });
});

describe('an archived entry', () => {
  test('cannot be read, and is restored where that is declared', () => {
    const { harness, source, contract, transfer, data, envelope } = call();
    const key = contractDataKey(instancePlace(contract));
    archive(harness.ledger, key.toXdr('base64'));
    expect(harness.apply(envelope())).toMatchObject(failed('entry_archived'));

    const restoring = simulatedData(simulateTransfer(harness, transfer, source));
    const { readWrite } = restoring.resources.footprint;
    if (restoring.ext.type !== 'resourceExt') throw new Error('nothing to restore');
    const archived = restoring.ext.resourceExt.archivedSorobanEntries.map((index) => readWrite[index]);
    expect(archived.map((each) => each?.toXdr('base64'))).toEqual([key.toXdr('base64')]);
    expect(restoring.resourceFee).toBeGreaterThan(data.resourceFee);
    expect(harness.apply(envelope({ data: restoring }))).toMatchObject(SUCCESS);
    expect(liveUntil(harness.ledger.scratch(), key)).toBe(harness.ledger.latest().sequence + 2_073_599);
  });

  test('of a balance keeps what it held', () => {
    const { harness, source, contract, transfer, envelope } = call();
    harness.apply(envelope());
    const key = contractDataKey(balancePlace(contract, SOME_CONTRACT));
    archive(harness.ledger, key.toXdr('base64'));
    const data = simulatedData(simulateTransfer(harness, transfer, source));
    expect(data.ext.type).toBe('resourceExt');
    expect(harness.apply(envelope({ data }))).toMatchObject(SUCCESS);
    const entry = harness.ledger.entry(key);
    expect(entry?.kind === 'contractData' && JSON.stringify(entry.value)).toContain(`${2n * LUMEN}`);
  });

  test('can only be one that is there, lives and is persistent', () => {
    const { harness, source, contract } = call();
    const text = (key: LedgerKey) => key.toXdr('base64');
    expect(() => archive(harness.ledger, 'nothing')).toThrow(SorobanAdminError);
    expect(() => archive(harness.ledger, text(accountKey(source.publicKey())))).toThrow(SorobanAdminError);
    expect(() => archive(harness.ledger, text(contractDataKey(balancePlace(contract, SOME_CONTRACT))))).toThrow(
      SorobanAdminError,
    );
  });
});
