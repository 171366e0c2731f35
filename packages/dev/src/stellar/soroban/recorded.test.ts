import { describe, expect, test } from '@jest/globals';
import { Networks, StrKey } from '@stellar/stellar-sdk/base';
import {
  ContractEvent,
  DiagnosticEvent,
  InvokeHostFunctionResult,
  InvokeHostFunctionSuccessPreImage,
  ScVal,
  TransactionResult,
} from '@stellar/stellar-sdk/xdr';
import { networkId, sha256 } from '../ledger/network.ts';
import { assetContractId } from './asset-contract.ts';
import { createEventLog } from './events.ts';
import { transferEvent } from './transfer.ts';

/** What the test network's nodes said, and where it was published. */
const TRANSFER_EVENT = {
  source: 'https://developers.stellar.org/docs/data/rpc/api-reference/methods/getEvents',
  contract: 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC',
  topics: [
    'AAAADwAAAAh0cmFuc2Zlcg==',
    'AAAAEgAAAAAAAAAAjnWZyariB+Ah9OPGy5WJe1t2Ks3gKsKGYsy7vmpJRIY=',
    'AAAAEgAAAAGu/2GlTlA4D83fxvERV0mWvvsyBPo+xfk3Guav6IgNZQ==',
    'AAAADgAAAAZuYXRpdmUAAA==',
  ],
  value: 'AAAACgAAAAAAAAAAAAAAALLQXgA=',
};

/** Transaction 2e29cacfc90565027c44bb9477f58af7c179309b5234d6742cd7e7301fcd847f, ledger 1303424. */
const CALL = {
  source: 'https://github.com/Soneso/stellar-ios-mac-sdk (its test of getTransaction)',
  result: 'AAAAAABM5iEAAAAAAAAAAQAAAAAAAAAYAAAAANkPSp3CD6fXFropzD1Dse4sGrxEO/NPfv6SvhMR1kNkAAAAAA==',
  returnValue: 'AAAAAQ==',
  event:
    'AAAAAAAAAAHf65G24dyt1q+Xu3xFX5fzdHcKf3j2lXO5n11b+EnOfAAAAAEAAAAAAAAAAQAAAA8AAAAEaW5pdAAAABAAAAABAAAABQAAAAUAAAAAAAaRmQAAABIAAAAAAAAAACcMY2GvjF3igK326WyiU8hv107p9YxvAS29gt1fml2WAAAAEgAAAAAAAAAAyewwXk7lqpxiQNYP3VlZ1EEprNK+dSBV4KQ9iluwbx8AAAASAAAAAAAAAAAY2Rm1IXXndEI0rYg2bt1/rw2mi1SYOUT2qeKPvf56cgAAABIAAAABusKzizgXRsUWKJQRrpWHAWG/yujQ6LBT/pMDljEiAeg=',
  called:
    'AAAAAQAAAAAAAAAAAAAAAgAAAAAAAAADAAAADwAAAAdmbl9jYWxsAAAAAA0AAAAg3+uRtuHcrdavl7t8RV+X83R3Cn949pVzuZ9dW/hJznwAAAAPAAAADWNyZWF0ZV9lc2Nyb3cAAAAAAAAQAAAAAQAAAAUAAAAFAAAAAAAGkZkAAAASAAAAAAAAAAAnDGNhr4xd4oCt9ulsolPIb9dO6fWMbwEtvYLdX5pdlgAAABIAAAAAAAAAAMnsMF5O5aqcYkDWD91ZWdRBKazSvnUgVeCkPYpbsG8fAAAAEgAAAAAAAAAAGNkZtSF153RCNK2INm7df68NpotUmDlE9qnij73+enIAAAASAAAAAbrCs4s4F0bFFiiUEa6VhwFhv8ro0OiwU/6TA5YxIgHo',
  returned:
    'AAAAAQAAAAAAAAAB3+uRtuHcrdavl7t8RV+X83R3Cn949pVzuZ9dW/hJznwAAAACAAAAAAAAAAIAAAAPAAAACWZuX3JldHVybgAAAAAAAA8AAAANY3JlYXRlX2VzY3JvdwAAAAAAAAE=',
  /** From its transaction's meta, stroops. */
  inclusionFee: 100n,
  nonRefundableFee: 86_732n,
  refundableFee: 4_952_817n,
};

describe('recorded on the test network', () => {
  test('the event of a transfer of lumens to a contract', () => {
    const contract = assetContractId(networkId(Networks.TESTNET), 'native');
    const event = transferEvent(
      { contract, asset: 'native' },
      {
        from: 'GCHHLGOJVLRAPYBB6TR4NS4VRF5VW5RKZXQCVQUGMLGLXPTKJFCINQVE',
        to: 'CCXP6YNFJZIDQD6N37DPCEKXJGLL56ZSAT5D5RPZG4NONL7IRAGWKFD2',
        amount: 3_000_000_000n,
      },
    );
    expect(contract).toBe(TRANSFER_EVENT.contract);
    expect(event.body.v0.topics.map((topic) => topic.toXdr('base64'))).toEqual(TRANSFER_EVENT.topics);
    expect(event.body.v0.data.toXdr('base64')).toBe(TRANSFER_EVENT.value);
  });

  test('the result of a call is the hash of what it returned and said', () => {
    const preimage = new InvokeHostFunctionSuccessPreImage({
      returnValue: ScVal.fromXdr(CALL.returnValue, 'base64'),
      events: [ContractEvent.fromXdr(CALL.event, 'base64')],
    });
    const hash = InvokeHostFunctionResult.invokeHostFunctionSuccess(sha256(preimage.toXdr()));
    const { result, feeCharged } = TransactionResult.fromXdr(CALL.result, 'base64');
    const [operation] = result.type === 'txSuccess' ? result.value : [];
    const inner = operation?.type === 'opInner' ? operation.value : undefined;
    expect(inner?.type === 'invokeHostFunction' && inner.value.toXdr('base64')).toBe(hash.toXdr('base64'));
    expect(feeCharged).toBe(CALL.inclusionFee + CALL.nonRefundableFee + CALL.refundableFee);
  });

  test('the diagnostics around a call', () => {
    const read = (text: string) => DiagnosticEvent.fromXdr(text, 'base64');
    const { contractId } = read(CALL.returned).event;
    if (!contractId) throw new Error('no contract');
    const contract = StrKey.encodeContract(contractId.value);
    const [args] = read(CALL.called).event.body.v0.data.type === 'scvVec' ? [read(CALL.called).event.body.v0.data] : [];
    if (args?.type !== 'scvVec') throw new Error('no arguments');
    const log = createEventLog();
    log.called(contract, 'create_escrow', args.vec ?? []);
    log.returned(contract, 'create_escrow', ScVal.fromXdr(CALL.returnValue, 'base64'));
    expect(log.diagnostics(true).map((event) => event.toXdr('base64'))).toEqual([CALL.called, CALL.returned]);
  });
});
