import type { StellarContext } from '../context.ts';

/**
 * Whether the signer does not answer for an authorization of this treasury that it was asked for more than once. An
 * authorization is good for some minutes and then never again: none is built while the signer is known to be away.
 */
export async function isSignerSilent({ pool, chain, treasury }: StellarContext): Promise<boolean> {
  const { rows } = await pool.query(
    `select 1 from stellar_authorizations a join payouts p on p.id = a.payout_id
     where a.chain = $1 and a.channel = any($2) and a.state = 'open' and a.signed is null and a.asks > 1
       and p.status = 'signing' and (p.reason_code is null or p.reason_code not in ('POLICY_DENIED', 'APPROVAL_REQUIRED')) limit 1`,
    [chain.chain, treasury.channels],
  );
  return rows.length > 0;
}
