import { formatAmount } from '@countersign/chains/amount';
import { evmAddress } from '@countersign/chains/evm/address';
import type { KeyEntry } from '@countersign/policy/policy-for-keys';
import type {
  ApprovalRules,
  AssetLimits,
  EvmKeyPolicy,
  KeyPolicy,
  MemoRule,
  SorobanPolicy,
  StellarKeyPolicy,
} from '@countersign/policy/schema';
import { jsonString } from '@countersign/sshsig/json-string';
import { ether, lumens, span } from './words.ts';

/** What a key may sign, in words, a line each. */
export function describeKey(id: string, policy: KeyPolicy, entry: KeyEntry | undefined): string[] {
  const callers = [...policy.callers].map(([caller, purposes]) => `${caller} (${[...purposes].join(', ')})`);
  const own = policy.kind === 'stellar' ? stellarLines(policy) : evmLines(policy, entry);
  return [
    `${id}, on ${policy.chain}:`,
    `  may be asked by ${callers.join(', ') || 'nobody'}`,
    ...own.from,
    ...(policy.allowLegacy ? ['  may go back from KMS to its seed'] : []),
    ...destinationLines(policy),
    ...assetLines(policy),
    ...(policy.approvals === undefined ? ['  needs no approvals'] : approvalLines(policy.approvals)),
    ...own.fees,
    ...policy.feeWindows.map(({ seconds, maxAmount }) => {
      const most = policy.kind === 'stellar' ? lumens(maxAmount) : ether(maxAmount);
      return `  fees in any ${span(BigInt(seconds))}: up to ${most}`;
    }),
    ...(policy.feeWindows.length === 0 ? ['  fees over time: no limit'] : []),
  ];
}

interface OwnLines {
  readonly from: readonly string[];
  readonly fees: readonly string[];
}

function stellarLines(policy: StellarKeyPolicy): OwnLines {
  const { account, channels, maxFee, maxLifetime, allowCreateAccount, soroban } = policy;
  return {
    from: [
      `  pays from ${account}`,
      `  by transactions of ${[...channels].join(', ')}`,
      `  which are valid for ${span(maxLifetime)} at most`,
      `  may ${allowCreateAccount ? '' : 'not '}create accounts`,
      ...(soroban === undefined ? ['  calls no contract'] : sorobanLines(soroban)),
    ],
    fees: [`  fee of a transaction: up to ${lumens(maxFee)}`],
  };
}

function sorobanLines({ contracts, maxResourceFee, maxAuthorizationSeconds }: SorobanPolicy): string[] {
  const pinned = [...contracts].map(([contract, { asset, wasmHash }]) => {
    return `    ${contract} for ${asset}${wasmHash === undefined ? '' : `, whose code is ${wasmHash}`}`;
  });
  const most = `resources up to ${lumens(maxResourceFee)}, authorizations valid for ${span(maxAuthorizationSeconds)}`;
  return [`  calls \`transfer\` of these contracts (${most}):`, ...pinned];
}

function evmLines(policy: EvmKeyPolicy, entry: KeyEntry | undefined): OwnLines {
  const { maxGasLimit, maxFeePerGas, maxPriorityFeePerGas, maxNoncesAhead } = policy;
  const address = entry === undefined ? 'its address' : evmAddress(Buffer.from(entry.public_key, 'hex'));
  const gas = `${maxGasLimit} gas at ${maxFeePerGas} wei, ${maxPriorityFeePerGas} of them as a tip`;
  return {
    from: [`  pays from ${address}, at most ${maxNoncesAhead} nonces ahead`],
    fees: [`  fee of a transaction: up to ${ether(maxGasLimit * maxFeePerGas)} (${gas})`],
  };
}

function destinationLines({ kind, destinations }: KeyPolicy): string[] {
  if (destinations.kind === 'any')
    return [`  pays ANYBODY${kind === 'evm' ? '' : `, ${memoWords(destinations.memo)}`}`];
  // An account alone is paid with a memo.
  const listed = [...destinations.memos].map(([address, rule]) =>
    address.startsWith('G') ? `    ${address}, ${memoWords(rule)}` : `    ${address}`,
  );
  return [listed.length === 0 ? '  pays nobody' : `  pays these ${listed.length}:`, ...listed];
}

function memoWords(rule: MemoRule): string {
  if (rule === 'none') return 'without a memo';
  if (rule === 'any') return 'with any memo or none';
  const words = [...rule].map((memo) => (memo === 'none' ? 'without a memo' : `with ${jsonString(memo)}`));
  return words.join(' or ');
}

function assetLines({ assets }: KeyPolicy): string[] {
  const listed = [...assets].flatMap(([id, limits]) => [`    ${id}: ${limitWords(limits)}`, ...windowLines(limits)]);
  return [listed.length === 0 ? '  pays in nothing' : '  pays in:', ...listed];
}

function limitWords({ decimals, maxPerPayout, maxPerTransaction, approvalAbove }: AssetLimits): string {
  const amount = (units: bigint) => formatAmount(units, decimals);
  return [
    `up to ${amount(maxPerPayout)} a payout`,
    ...(maxPerTransaction === undefined ? [] : [`up to ${amount(maxPerTransaction)} a transaction`]),
    ...(approvalAbove === undefined ? [] : [`with approvals above ${amount(approvalAbove)}`]),
  ].join(', ');
}

function windowLines({ windows, decimals }: AssetLimits): string[] {
  if (windows.length === 0) return ['      over time: no limit'];
  return windows.map(({ seconds, maxAmount, maxCount }) => {
    const most = [
      ...(maxAmount === undefined ? [] : [`up to ${formatAmount(maxAmount, decimals)}`]),
      ...(maxCount === undefined ? [] : [`up to ${maxCount} payouts`]),
    ];
    return `      in any ${span(BigInt(seconds))}: ${most.join(', ')}`;
  });
}

function approvalLines({ threshold, approvers, unlistedDestinations, maxLifetime }: ApprovalRules): string[] {
  const unlisted = unlistedDestinations ? 'also pay' : 'do not pay';
  return [
    `  approvals: ${threshold} of ${[...approvers.values()].join(', ')}, each for ${span(maxLifetime)} at most`,
    `    they ${unlisted} destinations that are not listed`,
  ];
}
