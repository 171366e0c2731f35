-- The one promise: all transactions ever signed for a payout id compete for one lane, which the chain consumes once.
-- Nothing here is ever deleted or freed: an expired transaction is not an unpaid one.

-- A payout id and the terms and lane it is bound to for good, from its first reservation on.
create table payouts (
  payout_id   text primary key,
  lane_id     text not null,
  key_id      text not null,
  destination text not null,
  asset       text not null,           -- CAIP-19, names the network too
  amount      numeric(78, 0) not null check (amount > 0),
  memo        text,                    -- type:value, as the request declared it
  bound_at    timestamptz not null default now()
);

create index payouts_by_lane on payouts (lane_id);

-- Lanes that carry one payout only (EVM: one nonce), and which one.
create table sole_lanes (
  lane_id   text primary key,
  payout_id text not null
);

-- Each distinct transaction that was reserved; signed once its signature is recorded.
create table transactions (
  key_id             text not null,
  public_key         bytea not null,   -- pinned when it was reserved
  signing_hash       bytea not null check (length(signing_hash) = 32),
  lane_id            text not null,
  purpose            text not null check (purpose in ('payout', 'cancel')),
  payout_ids         text[] not null,  -- sorted
  unsigned           bytea not null,
  reserved_at        timestamptz not null default now(),
  signature          bytea,
  signed_transaction bytea,
  transaction_hash   bytea,
  custody_path       text check (custody_path in ('legacy', 'kms')),
  signed_at          timestamptz,
  primary key (key_id, signing_hash),
  check ((signature is null) = (signed_at is null)),
  check (num_nulls(signature, signed_transaction, transaction_hash, custody_path) in (0, 4))
);

create index transactions_by_lane on transactions (lane_id);

-- A caller's request id and what it asked for: the same id never means two things.
create table requests (
  caller       text not null,
  request_id   text not null,
  fingerprint  bytea not null check (length(fingerprint) = 32),
  reserved_at  timestamptz not null default now(),
  primary key (caller, request_id)
);

-- EVM nonces are signed contiguously, at most a window ahead of the lowest that the caller reports open.
create table evm_accounts (
  chain       text not null,           -- CAIP-2
  address     text not null,           -- lower case
  next_nonce  numeric(20, 0) not null, -- the highest signed, plus one
  lowest_open numeric(20, 0) not null, -- the highest ever reported
  primary key (chain, address)
);
