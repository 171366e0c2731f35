/** What the API shows of a payout that waits for approvals. */
export const STELLAR_TERMS = {
  payout: 'po_019ab3c4d5e6f708192a3b4c5d6e7f80',
  key: 'treasury-stellar',
  account: 'GDJWTIB25XYTO6L4363OTK3R5OIN3MDS2TUNJJEXC3OBYNKTTTL7LE6Q',
  chain: 'stellar:testnet',
  destination: 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ',
  asset: 'stellar:testnet/slip44:148',
  amount: '12.5',
  amount_units: '125000000',
  decimals: 7,
  memo: { type: 'text', value: 'Grüße' },
  status: 'needs_approval',
  reason: { code: 'APPROVAL_REQUIRED', detail: 'payouts[0]: expected 2 approvals, got 1' },
  approvals: [
    { fingerprint: 'SHA256:abc', expires_at: 1_795_000_000, expired: false, added_at: '2026-11-18T00:00:00.000Z' },
  ],
};

export const TOKEN_TERMS = {
  ...STELLAR_TERMS,
  key: 'treasury-evm',
  account: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
  chain: 'eip155:31337',
  destination: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
  asset: 'eip155:31337/erc20:0x5FbDB2315678afecb367f032d93F642f64180aa3',
  amount: '125',
  amount_units: '125000000',
  decimals: 6,
  memo: undefined,
};
