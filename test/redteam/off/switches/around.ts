import { change, type Switch, unthrown } from '../switch.ts';

const LISTENER = 'packages/contract/src/grpc/mtls-listener.ts';
const PEER = 'packages/contract/src/peer.ts';

/** Before the stages: the wall, and the start. */
export const AROUND: readonly Switch[] = [
  {
    guard: 'TLS 1.3 alone',
    attack: 'tls-1.2',
    through: 'open',
    patches: [change(LISTENER, "minVersion: 'TLSv1.3',", "minVersion: 'TLSv1.2',")],
  },
  {
    guard: 'certificates of one CA',
    attack: 'certificate-own-ca',
    through: 'signed, and something is left behind',
    patches: [
      change(LISTENER, '    rejectUnauthorized: true,\n    ALPN', '    rejectUnauthorized: false,\n    ALPN'),
      change(LISTENER, 'if (!socket.authorized || certificate', 'if (certificate'),
    ],
    alone: ['UNAVAILABLE', 'UNAVAILABLE'],
  },
  {
    guard: 'one SPIFFE ID',
    attack: 'identity-two',
    through: 'signed, and something is left behind',
    patches: [
      change(
        PEER,
        'const [uri] = uris;\n  if (uri === undefined || uris.length !== 1) {',
        'const uri = uris.pop();\n  if (uri === undefined) {',
      ),
    ],
  },
  {
    guard: 'strict messages',
    attack: 'grpc-unknown-field',
    through: 'OK, and something is left behind',
    patches: [
      change(
        'packages/contract/src/grpc/received.ts',
        'if (bytes.equals(toBinary(schema, message, { writeUnknownFields: false }))) {',
        'if (message !== undefined) {',
      ),
    ],
  },
  {
    guard: 'limits of calls',
    attack: 'flood-rate',
    through: 'signed',
    patches: [change('services/signer/src/wall/call-gate.ts', "if (!account.buckets[kind].take()) return 'rate';", '')],
  },
  {
    guard: 'limits of calls',
    attack: 'flood-in-flight',
    through: 'signed',
    patches: [
      change(
        'services/signer/src/wall/call-gate.ts',
        "if (account.taken[place] >= account.places[place]) return 'in_flight';",
        '',
      ),
    ],
  },
  {
    guard: 'a budget of denials',
    attack: 'flood-denials',
    through: '200 events, and a payout is signed',
    patches: [change('services/signer/src/wall/denial-budget.ts', 'const own = bucket.take();', 'const own = true;')],
  },
  {
    guard: 'signatures verified by the pinned key',
    attack: 'custody-wrong-ed25519',
    patches: [
      unthrown(
        'packages/custody/src/ed25519.ts',
        "new CustodyError('SIGNATURE_INVALID', 'ed25519 signature: does not verify",
      ),
    ],
  },
  {
    guard: 'signatures verified by the pinned key',
    attack: 'custody-wrong-secp256k1',
    patches: [
      unthrown(
        'packages/custody/src/secp256k1.ts',
        "new CustodyError('SIGNATURE_INVALID', 'secp256k1 signature: does not verify",
      ),
    ],
  },
  {
    guard: 'versions of a policy go up',
    attack: 'policy-rollback',
    through: 'started',
    patches: [
      change(
        'services/signer/src/policy/accept-policy.ts',
        'if (BigInt(version) < newest.version) {',
        'if (version < 1) {',
      ),
    ],
  },
  {
    guard: 'signatures of the operators',
    attack: 'policy-one-signature',
    through: 'started',
    patches: [
      change('packages/sshsig/src/verify-bundle.ts', 'if (signedBy.length < needed) {', 'if (signedBy.length < 1) {'),
    ],
  },
  {
    guard: 'pinned public keys',
    attack: 'start-other-key',
    through: 'started',
    patches: [
      change(
        'packages/custody/src/pinned.ts',
        'if (Buffer.from(publicKey).equals(backend.publicKey)) return backend;',
        'if (backend.publicKey) return backend;',
      ),
      change(
        'services/signer/src/custody/register-keys.ts',
        'if (problems.length > 0) throw',
        'if (problems.length > 9) throw',
      ),
    ],
    alone: ['does not start: public key', 'does not start: public key'],
  },
  {
    guard: 'one id a key',
    attack: 'start-one-key-twice',
    through: 'started',
    patches: [
      change('packages/custody/src/assert-keys.ts', 'if (other !== undefined) {', 'if (other === id) {'),
      change(
        'services/signer/src/custody/register-keys.ts',
        'if (problems.length > 0) throw',
        'if (problems.length > 9) throw',
      ),
    ],
    alone: [
      'KEYS_FILE: key treasury-second: public key: expected one that is new here, got that of treasury-stellar',
      'does not start: the same key is registered as',
    ],
  },
  {
    guard: 'one id a key, for good',
    attack: 'start-another-id',
    through: 'started',
    patches: [
      change(
        'services/signer/src/custody/register-keys.ts',
        'if (problems.length > 0) throw',
        'if (problems.length > 9) throw',
      ),
    ],
  },
  {
    guard: 'no seed left behind',
    attack: 'start-seed-left',
    through: 'started',
    patches: [
      change('services/signer/src/custody/open-keys.ts', 'if (stillSet !== undefined) {', 'if (stillSet === id) {'),
    ],
  },
  {
    guard: 'no way back to a seed',
    attack: 'start-back-to-legacy',
    through: 'started',
    patches: [change('services/signer/src/custody/latch.ts', '|| since === null', '|| since')],
  },
  {
    guard: 'an exported log',
    attack: 'evidence-full',
    patches: [unthrown('services/signer/src/audit/open-audit.ts', 'behind(')],
  },
  {
    guard: 'a database not behind its log',
    attack: 'evidence-forgotten',
    through: 'started',
    patches: [
      change(
        'services/signer/src/audit/check-exported.ts',
        'if (problems.length > 0) throw',
        'if (problems.length > 9) throw',
      ),
    ],
  },
];
