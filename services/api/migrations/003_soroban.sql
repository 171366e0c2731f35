-- Payouts by contract call: the treasury authorizes one transfer, once, and envelopes around that carry it to the ledger.

alter table stellar_attempts
  add column kind text not null default 'payments' check (kind in ('payments', 'invocation')),
  drop constraint stellar_attempts_state_check,
  -- superseded: another envelope around the same authorization took its place before its time was up
  add constraint stellar_attempts_state_check check (state in
    ('built', 'signed', 'succeeded', 'failed', 'expired', 'refused', 'quarantined', 'superseded'));

-- One authorization a payout, for good: stored before it is signed, and never built a second time.
create table stellar_authorizations (
  payout_id         text primary key references payouts (id),
  id                text not null unique,     -- at_…: the request id at the signer
  chain             text not null,
  channel           text not null,            -- held by the payout as long as this is open
  nonce             bigint not null,
  expiration_ledger bigint not null,          -- the last ledger that takes it
  hash              text not null,            -- what is signed, hex
  unsigned          bytea not null,
  asks              integer not null default 0, -- how often the signature was asked for
  signed            bytea,
  path              text check (path in ('legacy', 'kms')),
  -- the newest ledger that had its nonce unused, as far as is known; at first the one that it was built at
  unused_at         bigint not null,
  -- lost: used by an envelope that is not ours, or nobody can tell any more
  state             text not null default 'open' check (state in ('open', 'used', 'expired', 'refused', 'lost')),
  created_at        timestamptz not null default now(),
  signed_at         timestamptz,
  finished_at       timestamptz,
  foreign key (chain, channel) references stellar_channels (chain, address),
  check ((signed is null) = (signed_at is null) and (signed is null) = (path is null)),
  check ((state = 'open') = (finished_at is null))
);

create unique index stellar_authorizations_open on stellar_authorizations (chain, channel) where state = 'open';
