import { type Hex, zeroAddress } from 'viem';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { calldata, hexOf, itemsOf, withItems } from '../forge/evm.ts';
import { bytesOf, carrying, erc20 } from '../forge/requests.ts';

/** What the attacker works with: the calldata of a good transfer, the token, the recipient, and an address of its own. */
interface Good {
  readonly data: Hex;
  readonly token: string;
  readonly to: string;
  readonly me: string;
}
type Forge = (good: Good) => Hex | Parameters<typeof withItems>[1];

const run = (forge: Forge) => async (t: Attacker) => {
  const request = await erc20(t);
  const items = itemsOf(bytesOf(request));
  const [token, data] = [items[5], items[7]];
  if (typeof data !== 'string' || typeof token !== 'string') throw new Error('not as built');
  const to = t.world.recipients.evm[0] ?? '';
  const forged = forge({ data: hexOf(data), token: hexOf(token), to, me: t.world.keys.tokenDeployer });
  return t.sign(carrying(request, withItems(bytesOf(request), typeof forged === 'string' ? { data: forged } : forged)));
};

const METHOD = 'one method';
const WORDS = 'clean words of calldata';
const refused = (code: string) => `TRANSACTION_MALFORMED ${code}`;
const OTHER = refused('UNSUPPORTED_CALLDATA');
const word = (text: string) => text.replace(/^0x/, '').toLowerCase().padStart(64, '0');
/** The calldata with one of its two words replaced. */
const withWord = (data: Hex, index: 0 | 1, text: string): Hex =>
  hexOf(`${data.slice(2, 10 + 64 * index)}${text}${data.slice(74 + 64 * index)}`);

/** Calls of a token that are not exactly one transfer. */
export const ERC20_ENCODING = attacks<Forge>('erc20', 'C10', run, [
  [
    'erc20-approve',
    'an approval for the attacker to take what there is',
    METHOD,
    OTHER,
    ({ me }) => calldata('function approve(address spender, uint256 amount)', [me, 2n ** 256n - 1n]),
  ],
  [
    'erc20-transfer-from',
    'a transfer out of another account',
    METHOD,
    OTHER,
    ({ to, me }) => calldata('function transferFrom(address from, address to, uint256 amount)', [me, to, 5n]),
  ],
  [
    'erc20-increase-allowance',
    'a larger allowance',
    METHOD,
    OTHER,
    ({ me }) => calldata('function increaseAllowance(address spender, uint256 amount)', [me, 5n]),
  ],
  [
    'erc20-permit',
    'a permit',
    METHOD,
    OTHER,
    ({ me }) =>
      calldata(
        'function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)',
        [me, me, 5n, 9n, 27, hexOf('11'.repeat(32)), hexOf('11'.repeat(32))],
      ),
  ],
  [
    'erc20-transfer-and-call',
    'a transfer that calls the recipient (ERC-1363)',
    METHOD,
    OTHER,
    ({ to }) => calldata('function transferAndCall(address to, uint256 amount, bytes data)', [to, 5n, '0x']),
  ],
  [
    'erc20-multicall',
    'a good transfer inside a multicall',
    METHOD,
    OTHER,
    ({ data }) => calldata('function multicall(bytes[] calls)', [[data, data]]),
  ],
  [
    'erc20-execute',
    'a good transfer through a wallet’s execute',
    METHOD,
    OTHER,
    ({ token, data }) => calldata('function execute(address to, uint256 value, bytes data)', [token, 0n, data]),
  ],
  [
    'erc20-ownership',
    'the ownership of the token',
    METHOD,
    OTHER,
    ({ me }) => calldata('function transferOwnership(address to)', [me]),
  ],
  ['erc20-mint', 'a mint', METHOD, OTHER, ({ me }) => calldata('function mint(address to, uint256 amount)', [me, 5n])],
  [
    'erc20-other-selector',
    'an unknown method with the arguments of a transfer',
    METHOD,
    OTHER,
    ({ data }) => hexOf(`deadbeef${data.slice(10)}`),
  ],
  ['erc20-selector-alone', 'a method without arguments', METHOD, OTHER, ({ data }) => hexOf(data.slice(2, 10))],
  [
    'erc20-short',
    'an amount short of a byte, which the contract fills with zeros: 256 times as much',
    METHOD,
    OTHER,
    ({ data }) => hexOf(data.slice(2, -2)),
  ],
  [
    'erc20-long',
    'a word after the amount, for a token that reads three',
    METHOD,
    OTHER,
    ({ data }) => hexOf(`${data.slice(2)}${'00'.repeat(32)}`),
  ],
  [
    'erc20-packed',
    'an address of 20 bytes where a word belongs: all later bytes move',
    METHOD,
    OTHER,
    ({ data, to }) => hexOf(`${data.slice(2, 10)}${to.slice(2)}${data.slice(74)}`),
  ],
  [
    'erc20-dirty',
    'a dirty byte before the address',
    WORDS,
    refused('INVALID_ADDRESS'),
    ({ data, to }) => withWord(data, 0, word(`01${to.slice(2)}`)),
  ],
  [
    'erc20-dirty-first',
    'a dirty first byte',
    WORDS,
    refused('INVALID_ADDRESS'),
    ({ data, to }) => withWord(data, 0, `80${word(to).slice(2)}`),
  ],
  [
    'erc20-left',
    'an address written to the left',
    WORDS,
    refused('INVALID_ADDRESS'),
    ({ data, to }) => withWord(data, 0, to.slice(2).padEnd(64, '0')),
  ],
  [
    'erc20-zero',
    'tokens to the zero address: a burn',
    WORDS,
    refused('INVALID_ADDRESS'),
    ({ data }) => withWord(data, 0, word(zeroAddress)),
  ],
  [
    'erc20-to-token',
    'tokens to their own contract, which nobody gets back',
    'no token to its contract',
    refused('DESTINATION_IS_TOKEN'),
    ({ data, token }) => withWord(data, 0, word(token)),
  ],
  [
    'erc20-nothing',
    'a transfer of nothing, which binds a payout',
    'positive amounts',
    refused('INVALID_AMOUNT'),
    ({ data }) => withWord(data, 1, '0'.repeat(64)),
  ],
  [
    'erc20-value',
    'ether together with the tokens',
    'no value beside a token',
    refused('VALUE_WITH_TOKEN_TRANSFER'),
    () => ({ value: '0x01' }),
  ],
  [
    'erc20-at-zero',
    'a token at the zero address: the call succeeds and pays nobody',
    'no token at the zero address',
    refused('INVALID_ADDRESS'),
    () => ({ to: zeroAddress }),
  ],
  [
    'erc20-create',
    'the call as the code of a new contract',
    'a recipient of 20 bytes',
    refused('CONTRACT_CREATION'),
    () => ({ to: '0x' }),
  ],
  [
    'erc20-list',
    'calldata as a list',
    'bytes where bytes belong',
    refused('MALFORMED_TRANSACTION'),
    ({ data }) => ({ data: [data] }),
  ],
]);
