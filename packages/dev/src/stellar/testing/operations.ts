import type { Keypair } from '@stellar/stellar-sdk/base';
import {
  Asset,
  BumpSequenceOp,
  ChangeTrustAsset,
  ChangeTrustOp,
  CreateAccountOp,
  ManageDataOp,
  MuxedAccount,
  Operation,
  OperationBody,
  PaymentOp,
  SetOptionsOp,
  SetTrustLineFlagsOp,
  Signer,
  SignerKey,
} from '@stellar/stellar-sdk/xdr';
import { assetXdr } from '../ledger/asset.ts';

/** Operations built as XDR, so that malformed ones can be built too. Amounts in stroops. */

export function pay(destination: Keypair, amount: bigint, source?: Keypair): Operation {
  return payAsset(Asset.assetTypeNative(), destination, amount, source);
}

export function payAsset(asset: Asset, destination: Keypair, amount: bigint, source?: Keypair): Operation {
  return operation(OperationBody.payment(new PaymentOp({ destination: muxed(destination), asset, amount })), source);
}

export function create(destination: Keypair, startingBalance: bigint, source?: Keypair): Operation {
  const op = new CreateAccountOp({ destination: destination.xdrAccountId(), startingBalance });
  return operation(OperationBody.createAccount(op), source);
}

export function bump(bumpTo: bigint, source?: Keypair): Operation {
  return operation(OperationBody.bumpSequence(new BumpSequenceOp({ bumpTo })), source);
}

/** The issuer's asset under a code of 1 to 12 characters. */
export function issued(code: string, issuer: Keypair): Asset {
  return assetXdr({ code, issuer: issuer.publicKey() });
}

export function trust(asset: Asset, limit: bigint, source?: Keypair): Operation {
  return operation(OperationBody.changeTrust(new ChangeTrustOp({ line: changeTrustAsset(asset), limit })), source);
}

function changeTrustAsset(asset: Asset): ChangeTrustAsset {
  switch (asset.type) {
    case 'assetTypeNative':
      return ChangeTrustAsset.assetTypeNative();
    case 'assetTypeCreditAlphanum4':
      return ChangeTrustAsset.assetTypeCreditAlphanum4(asset.alphaNum4);
    case 'assetTypeCreditAlphanum12':
      return ChangeTrustAsset.assetTypeCreditAlphanum12(asset.alphaNum12);
  }
}

export function setLineFlags(
  trustor: Keypair,
  asset: Asset,
  { set: setFlags = 0, clear: clearFlags = 0 }: { readonly set?: number; readonly clear?: number },
  source?: Keypair,
): Operation {
  const op = new SetTrustLineFlagsOp({ trustor: trustor.xdrAccountId(), asset, clearFlags, setFlags });
  return operation(OperationBody.setTrustLineFlags(op), source);
}

/** No value deletes the entry. */
export function data(dataName: string | Uint8Array, value?: string, source?: Keypair): Operation {
  const dataValue = value === undefined ? null : new TextEncoder().encode(value);
  return operation(OperationBody.manageData(new ManageDataOp({ dataName, dataValue })), source);
}

export type Options = Partial<ConstructorParameters<typeof SetOptionsOp>[0]>;

export function set(options: Options, source?: Keypair): Operation {
  const op = new SetOptionsOp({
    inflationDest: null,
    clearFlags: null,
    setFlags: null,
    masterWeight: null,
    lowThreshold: null,
    medThreshold: null,
    highThreshold: null,
    homeDomain: null,
    signer: null,
    ...options,
  });
  return operation(OperationBody.setOptions(op), source);
}

export function signer(keys: Keypair, weight: number): Signer {
  return new Signer({ key: SignerKey.signerKeyTypeEd25519(keys.rawPublicKey()), weight });
}

export function muxed(keys: Keypair): MuxedAccount {
  return MuxedAccount.keyTypeEd25519(keys.rawPublicKey());
}

export function operation(body: OperationBody, source?: Keypair): Operation {
  return new Operation({ sourceAccount: source ? muxed(source) : null, body });
}
