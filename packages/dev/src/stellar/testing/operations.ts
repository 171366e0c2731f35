import type { Keypair } from '@stellar/stellar-sdk/base';
import {
  Asset,
  BumpSequenceOp,
  CreateAccountOp,
  MuxedAccount,
  Operation,
  OperationBody,
  PaymentOp,
  SetOptionsOp,
  Signer,
  SignerKey,
} from '@stellar/stellar-sdk/xdr';

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
