import type { Attack } from './attack.ts';
import { APPROVALS } from './attacks/approvals.ts';
import { AUTHORIZATION_ENCODING } from './attacks/authorization-encoding.ts';
import { CERTIFICATES, HANDSHAKES } from './attacks/certificates.ts';
import { CLOCK } from './attacks/clock.ts';
import { CUSTODY } from './attacks/custody.ts';
import { DATABASE } from './attacks/database.ts';
import { ERC20_ENCODING } from './attacks/erc20-encoding.ts';
import { EVIDENCE, FREEZE, RESTORED } from './attacks/evidence.ts';
import { EVM_ENCODING } from './attacks/evm-encoding.ts';
import { EVM_CALLERS, EVM_MATCH, EVM_POLICY } from './attacks/evm-rules.ts';
import { DENIALS, FLOODS } from './attacks/floods.ts';
import { GRPC } from './attacks/grpc.ts';
import { INVOCATION_ENCODING } from './attacks/invocation-encoding.ts';
import { BINDINGS, DOUBLE_PAY } from './attacks/lanes.ts';
import { LIMITS } from './attacks/limits.ts';
import { ANYBODY, POLICY_FILES, POLICY_WORDS } from './attacks/policy-files.ts';
import { REQUEST_FIELDS } from './attacks/request-fields.ts';
import { SOROBAN_MATCH, SOROBAN_POLICY } from './attacks/soroban-rules.ts';
import { START } from './attacks/start.ts';
import { STELLAR_ENCODING } from './attacks/stellar-encoding.ts';
import { STELLAR_MATCH } from './attacks/stellar-match.ts';
import { STELLAR_OPERATIONS, STELLAR_VALUES } from './attacks/stellar-operations.ts';
import { STELLAR_POLICY } from './attacks/stellar-policy.ts';

/** All that the red team tries. */
export const ATTACKS: readonly Attack[] = [
  ...HANDSHAKES,
  ...CERTIFICATES,
  ...GRPC,
  ...REQUEST_FIELDS,
  ...STELLAR_ENCODING,
  ...STELLAR_OPERATIONS,
  ...STELLAR_VALUES,
  ...STELLAR_MATCH,
  ...STELLAR_POLICY,
  ...CLOCK,
  ...AUTHORIZATION_ENCODING,
  ...INVOCATION_ENCODING,
  ...SOROBAN_MATCH,
  ...SOROBAN_POLICY,
  ...EVM_ENCODING,
  ...ERC20_ENCODING,
  ...EVM_MATCH,
  ...EVM_POLICY,
  ...EVM_CALLERS,
  ...DOUBLE_PAY,
  ...BINDINGS,
  ...LIMITS,
  ...FREEZE,
  ...EVIDENCE,
  ...RESTORED,
  ...APPROVALS,
  ...CUSTODY,
  ...POLICY_FILES,
  ...POLICY_WORDS,
  ...ANYBODY,
  ...START,
  ...DATABASE,
  ...FLOODS,
  ...DENIALS,
];
