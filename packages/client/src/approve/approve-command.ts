import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { APPROVAL_NAMESPACE, approvalStatement } from '@countersign/sshsig/approval';
import { SshsigError } from '@countersign/sshsig/error';
import { dearmor, verifySshsig } from '@countersign/sshsig/sshsig';
import { API_OPTIONS, openApi } from '../api/api.ts';
import type { Command, Io } from '../command.ts';
import { ClientError } from '../error.ts';
import { visible } from '../text/visible.ts';
import { describeApproval } from './describe.ts';
import { parseDuration } from './duration.ts';
import { readTerms, type Terms } from './terms.ts';

/**
 * Approves one payout: shows what it pays, asks, has the statement of just that signed by the approver's own SSH key, and
 * sends the signature. The statement is made here of what was shown; no text of the API is ever signed.
 */
export const approveCommand: Command = {
  name: 'approve',
  parameters: 'PAYOUT_ID --api URL [--key ~/.ssh/id_ed25519] [--expires 1h] [--yes] [--api-key-file FILE]',
  summary: 'shows what a payout pays and signs for exactly that, with your own SSH key',
  run: async (args, io) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...API_OPTIONS,
        key: { type: 'string', default: join(homedir(), '.ssh', 'id_ed25519') },
        expires: { type: 'string', default: '1h' },
        yes: { type: 'boolean', default: false },
      },
    });
    const [payoutId = '', ...more] = positionals;
    if (!/^po_[0-9a-f]{32}$/.test(payoutId) || more.length > 0) {
      throw new ClientError('USAGE', 'expected one payout id, po_ and 32 hex digits');
    }
    const lifetime = parseDuration(values.expires);
    const api = openApi(values, io);
    const path = `/v1/payouts/${payoutId}/approvals`;
    const terms = readTerms(payoutId, await api.get(path));
    const expiresAt = Math.floor(io.now().getTime() / 1000) + lifetime;
    io.err(describeApproval(terms, expiresAt));
    if (ENDS.has(terms.status)) {
      throw new ClientError('API_REFUSED', `the payout is ${visible(terms.status)}: there is nothing left to approve`);
    }
    if (!values.yes) await confirm(io);
    const message = statementOf(terms, expiresAt);
    const signature = await io.sign({ namespace: APPROVAL_NAMESPACE, message, keyFile: values.key });
    const fingerprint = checkSignature(signature, message);
    const { status } = readTerms(payoutId, await api.post(path, { expires_at: expiresAt, signature }));
    io.out(`approved ${payoutId} with ${fingerprint}; the payout is ${visible(status)}\n`);
  },
};

// No key is asked for a signature that would be refused.
const ENDS: ReadonlySet<string> = new Set(['completed', 'failed', 'canceled']);

async function confirm(io: Io): Promise<void> {
  if (io.ask === undefined) throw new ClientError('NOT_CONFIRMED', 'expected a terminal to confirm at, or --yes');
  const answer = await io.ask('Sign it? Type yes: ');
  if (answer.trim().toLowerCase() !== 'yes') throw new ClientError('NOT_CONFIRMED', 'not approved');
}

function statementOf(terms: Terms, expiresAt: number): string {
  const { payoutId, keyId, account, network, destination, asset, units, memo } = terms;
  const signed = { payoutId, keyId, account, network, destination, asset: asset.id, amount: units, memo };
  try {
    return approvalStatement({ ...signed, expiresAt: BigInt(expiresAt) });
  } catch (error) {
    if (error instanceof SshsigError) throw new ClientError('TERMS_INVALID', visible(error.message), { cause: error });
    throw error;
  }
}

/** What the signer would not take is not sent. @returns the fingerprint of the key that signed */
function checkSignature(armored: string, message: string): string {
  try {
    const [blob, ...more] = dearmor(armored);
    if (blob === undefined || more.length > 0)
      throw new ClientError('NOT_SIGNED', 'expected one signature of ssh-keygen');
    return verifySshsig(blob, { namespace: APPROVAL_NAMESPACE, message }).fingerprint;
  } catch (error) {
    if (!(error instanceof SshsigError)) throw error;
    throw new ClientError('NOT_SIGNED', visible(`the signature would not count: ${error.message}`), { cause: error });
  }
}
