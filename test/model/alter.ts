import { LANE_WIDTH, type Of, type PaidOut, payoutsOf, type Recipe } from './recipe.ts';
import type { Alteration } from './steps.ts';
import type { Supply } from './supply.ts';

/** The same recipe with something else in it; as it was, where it has no such thing. */
export function alter(supply: Supply, recipe: Recipe, how: Alteration): Recipe {
  if (how === 'other payouts') return paying(recipe, (paid) => ({ ...paid, id: supply.payout(1n).id }));
  if (how === 'amount') return paying(recipe, (paid) => ({ ...paid, amount: paid.amount + 1n }));
  if (how === 'other rail') return otherRail(supply, recipe);
  switch (recipe.rail) {
    case 'classic':
      return alterClassic(supply, recipe, how);
    case 'evm':
      return alterEvm(supply, recipe, how);
    default:
      return alterSoroban(supply, recipe, how);
  }
}

function alterClassic(supply: Supply, recipe: Of<'classic'>, how: Alteration): Recipe {
  const { channel, sequence, fee, account, payouts } = recipe;
  const { stellar, recipients } = supply.world;
  switch (how) {
    case 'lane':
      return { ...recipe, sequence: sequence + LANE_WIDTH };
    case 'next':
    case 'report':
      return { ...recipe, sequence: supply.sequence(channel) };
    case 'join':
    case 'take lane':
      return { ...recipe, sequence: supply.sequence(channel), payouts: [...payouts, supply.payout(3n)] };
    case 'destination':
      return paying(recipe, (paid) => ({ ...paid, destination: recipients.stellar[2] ?? '' }));
    case 'key':
      return { ...recipe, account: account === stellar[0] ? stellar[1] : stellar[0] };
    case 'more fee':
      return { ...recipe, fee: fee + 5_000n };
    case 'less fee':
      return { ...recipe, fee: fee - 1n };
    default:
      return recipe;
  }
}

function alterEvm(supply: Supply, recipe: Of<'evm'>, how: Alteration): Recipe {
  const { account, nonce, maxFeePerGas, payout } = recipe;
  const { evm, recipients } = supply.world;
  switch (how) {
    case 'lane':
    case 'next':
      return supply.evm(account, payout);
    case 'key':
      return supply.evm(account === evm[0] ? evm[1] : evm[0], payout);
    case 'destination':
      return paying(recipe, (paid) => ({ ...paid, destination: recipients.evm[1] ?? '' }));
    case 'more fee':
    case 'join':
      return { ...recipe, maxFeePerGas: (maxFeePerGas * 5n) / 4n };
    case 'less fee':
      return { ...recipe, maxFeePerGas: maxFeePerGas - 1n };
    case 'cancel':
      return { ...recipe, payout: undefined, maxFeePerGas: maxFeePerGas * 2n };
    case 'take lane':
      return { ...recipe, payout: supply.evmPayout(5n) };
    case 'report': {
      const next = supply.evm(account, supply.evmPayout(6n));
      // The first report says where an account begins; only later ones are believed no further than what was signed.
      return supply.signedNonces(account.keyId) === 0n ? next : { ...next, lowestOpen: nonce + 40n };
    }
    default:
      return recipe;
  }
}

function alterSoroban(supply: Supply, recipe: Of<'authorization' | 'envelope'>, how: Alteration): Recipe {
  const { account, payout, expiration } = recipe;
  if (how === 'expiration') return { rail: 'authorization', account, payout, expiration: expiration + 1 };
  const entry = supply.entryOf(recipe);
  if (entry === undefined) return recipe;
  return recipe.rail === 'envelope' && how === 'more fee'
    ? { ...recipe, fee: recipe.fee + 100n }
    : supply.envelope(recipe, entry);
}

/** The first payout of a recipe, paid by a contract, or as lumens. */
function otherRail(supply: Supply, recipe: Recipe): Recipe {
  const [paid] = payoutsOf(recipe);
  if (paid === undefined) return recipe;
  const [destination = ''] = supply.world.recipients.stellar;
  return recipe.rail === 'classic' ? supply.authorization(paid) : supply.classic(2, [{ ...paid, destination }]);
}

function paying(recipe: Recipe, change: (paid: PaidOut) => PaidOut): Recipe {
  switch (recipe.rail) {
    case 'classic':
      return { ...recipe, payouts: recipe.payouts.map((paid, i) => (i === 0 ? change(paid) : paid)) };
    case 'authorization':
      return { ...recipe, payout: change(recipe.payout) };
    case 'evm':
      return recipe.payout === undefined ? recipe : { ...recipe, payout: change(recipe.payout) };
    case 'envelope': {
      // It is around the authorization that there is: other terms are asked for with another authorization.
      const { account, payout, expiration } = recipe;
      return { rail: 'authorization', account, payout: change(payout), expiration };
    }
    default:
      return recipe satisfies never;
  }
}
