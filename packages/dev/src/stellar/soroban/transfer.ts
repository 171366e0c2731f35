import { Address as ScAddressText } from '@stellar/stellar-sdk/base';
import { type ContractEvent, type HostFunction, type InvokeContractArgs, ScVal } from '@stellar/stellar-sdk/xdr';
import { assetName, type ContractAsset } from './asset-contract.ts';
import type { Authorization } from './authorization.ts';
import { type Holdings, receive, spend } from './balance.ts';
import { contractEvent } from './events.ts';
import { contractError } from './host-error.ts';
import { address, int128, readInt128, symbol } from './values.ts';

/** `transfer(from, to, amount)`, the one function that is modelled (SEP-41). Addresses are `G…` or `C…`. */
export interface TransferCall {
  /** `C…`. */
  readonly contract: string;
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
  readonly args: InvokeContractArgs;
}

/** Undefined for everything else that a host function can be. */
export function readTransfer(hostFunction: HostFunction): TransferCall | undefined {
  if (hostFunction.type !== 'hostFunctionTypeInvokeContract') return undefined;
  const { contractAddress, functionName, args } = hostFunction.invokeContract;
  const [from, to, amount, ...rest] = args;
  const contract = ScAddressText.fromScAddress(contractAddress).toString();
  const [sender, receiver] = [readAddress(from), readAddress(to)];
  if (!contract.startsWith('C') || functionName.toString() !== 'transfer' || rest.length > 0) return undefined;
  if (sender === undefined || receiver === undefined || amount?.type !== 'scvI128') return undefined;
  return { contract, from: sender, to: receiver, amount: readInt128(amount), args: hostFunction.invokeContract };
}

function readAddress(value: ScVal | undefined): string | undefined {
  if (value?.type !== 'scvAddress') return undefined;
  const { address: where } = value;
  const plain = where.type === 'scAddressTypeAccount' || where.type === 'scAddressTypeContract';
  return plain ? ScAddressText.fromScAddress(where).toString() : undefined;
}

/** Moves the amount; the event is what the contract says of it. Throws a HostError. */
export function transfer(
  { from, to, amount, args }: TransferCall,
  holdings: Holdings,
  authorization: Authorization,
  extendInstance: () => void,
): ContractEvent {
  if (amount < 0n) throw contractError('NegativeAmountError', 'negative amount is not allowed', int128(amount));
  authorization.require(from, args);
  extendInstance();
  spend(holdings, from, amount);
  receive(holdings, to, amount);
  return transferEvent(holdings, { from, to, amount });
}

type Moved = Pick<TransferCall, 'from' | 'to' | 'amount'>;

/** What the contract says of a transfer: from the issuer it is a mint, to the issuer a burn (CAP-67). */
export function transferEvent({ contract, asset }: Pick<Holdings, 'contract' | 'asset'>, moved: Moved): ContractEvent {
  return contractEvent(contract, topics(asset, moved), int128(moved.amount));
}

function topics(asset: ContractAsset, { from, to }: Moved): ScVal[] {
  const issuer = asset === 'native' ? undefined : asset.issuer;
  const name = ScVal.scvString(assetName(asset));
  if (from !== to && from === issuer) return [symbol('mint'), address(to), name];
  if (from !== to && to === issuer) return [symbol('burn'), address(from), name];
  return [symbol('transfer'), address(from), address(to), name];
}
