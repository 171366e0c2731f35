-- Payouts that the signer's policy allows only with approvals, what approvers have signed for, and what limits have no room for.

alter table payouts
  drop constraint payouts_status_check,
  -- needs_approval: nothing is signed, and nobody asks again before an approver has; approved: in the queue, as created
  add constraint payouts_status_check check (status in ('created', 'needs_approval', 'approved', 'signing', 'submitted',
    'confirming', 'completed', 'failed', 'canceled', 'indeterminate'));

drop index payouts_waiting;
create index payouts_waiting on payouts (key_id, created_at, id) where status in ('created', 'approved');
drop index payouts_waiting_assets;
create index payouts_waiting_assets on payouts (key_id, chain, asset) where status in ('created', 'approved');

-- One row for each approver who signed for a payout, checked as a signature; whether the approver counts only the signer knows.
create table payout_approvals (
  payout_id   text not null references payouts (id),
  fingerprint text not null,              -- of the key that signed: SHA256:…
  -- of one payout in the order of their commits, because its row is locked meanwhile; new when an approval is renewed
  sequence    bigint generated always as identity,
  expires_at  bigint not null,            -- Unix seconds, as it was signed
  signature   bytea not null,             -- SSHSIG without its armor
  api_key_id  text not null references api_keys (id),
  request_id  text not null,              -- of the HTTP request that brought it
  added_at    timestamptz(3) not null default now(),
  primary key (payout_id, fingerprint)
);

-- The least that a limit over time had no room for: until then, payouts of this amount and above wait.
create table payout_limits (
  chain   text not null,
  key_id  text not null,
  asset   text not null,
  amount  numeric(78, 0) not null,        -- smallest unit
  until   timestamptz not null,
  primary key (chain, key_id, asset)
);
