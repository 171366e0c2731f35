import type { Asset } from '@countersign/chains/caip';
import { visible } from '../text/visible.ts';
import { decimalsOf, type Terms } from './terms.ts';

/** Says in plain words what an approval allows. `expiresAt` in Unix seconds. */
export function describeApproval(terms: Terms, expiresAt: number): string {
  const { payoutId, keyId, account, network, destination, asset, units, amount, decimals, memo } = terms;
  const lines = [
    ['payout', payoutId],
    ['status', statusOf(terms)],
    ['pays', `${amount} ${nameOf(asset)}`],
    ['', `${units} in the smallest unit, ${decimals} decimals`],
    ['asset', asset.id],
    ['to', destination],
    ['memo', memo === undefined ? 'none' : JSON.stringify(memo).replace(/[^ -~]/g, escaped)],
    ['from', `${account}, the account of the key ${keyId}`],
    ['network', network],
    ...approvalsOf(terms),
  ];
  return [
    '',
    ...lines.map(([name = '', value = '']) => `  ${name.padEnd(11)}${value}`),
    '',
    ...(decimalsOf(asset) === undefined ? [TOKEN(decimals)] : []),
    `Your signature allows exactly this payout and nothing else, until ${utc(expiresAt)}.`,
    '',
  ].join('\n');
}

const TOKEN = (decimals: number) =>
  `How many decimals the token has is the word of the API (${decimals}): compare the smallest units where you do not know it.`;

function statusOf({ status, reason }: Terms): string {
  if (reason === undefined) return visible(status);
  const { code, detail } = reason;
  return visible(`${status}: ${detail.includes(code) ? detail : `${code}: ${detail}`}`);
}

function nameOf(asset: Asset): string {
  switch (asset.kind) {
    case 'native':
      return asset.chain.startsWith('stellar:') ? 'XLM' : "of the chain's own coin";
    case 'issued':
      return `${asset.code}, issued by ${asset.issuer}`;
    case 'sep41':
    case 'erc20':
      return `of the token ${asset.contract}`;
    default:
      return asset satisfies never;
  }
}

function approvalsOf({ approvals }: Terms): string[][] {
  if (approvals.length === 0) return [['approvals', 'none yet']];
  return approvals.map(({ fingerprint, expiresAt, expired }, i) => [
    i === 0 ? 'approvals' : '',
    visible(`${fingerprint} ${expired ? 'expired' : 'until'} ${utc(expiresAt)}`),
  ]);
}

function utc(seconds: number): string {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? `${seconds}` : `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

// As the statement has it.
function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
