-- What the engine is doing about payouts. Its whole state is here: any replica goes on where another one stopped.

create index payouts_in_flight on payouts (key_id, chain)
  where status in ('signing', 'submitted', 'confirming', 'indeterminate');

-- One row a piece of work that only one worker does at a time: an intake of a treasury, a channel, an EVM account.
create table engine_work (
  unit     text primary key,
  next_at  timestamptz not null default now(), -- 'infinity': until somebody pokes it
  failures integer not null default 0,         -- in a row, for the backoff
  pokes    bigint not null default 0           -- a poke while the unit is worked on is not lost
);

create index engine_work_due on engine_work (next_at);

-- Stellar channel accounts: the sources of payout transactions.
create table stellar_channels (
  chain         text not null,            -- CAIP-2
  address       text not null,            -- G…
  key_id        text not null,
  sequence      bigint not null,          -- the last number that the ledger has consumed, as far as is known here
  state         text not null default 'free' check (state in ('free', 'busy', 'quarantined')),
  reason_code   text,                     -- why it is quarantined
  reason_detail text,
  batch_limit   integer check (batch_limit > 0), -- after a split: how many payouts the next attempt takes
  updated_at    timestamptz not null default now(),
  primary key (chain, address),
  check ((state = 'quarantined') = (reason_code is not null))
);

create index stellar_channels_free on stellar_channels (chain, key_id, updated_at) where state = 'free';

-- The lane that a payout is paid in, and in no other once the signer may have bound it.
create table stellar_lane_payouts (
  payout_id  text primary key references payouts (id),
  chain      text not null,
  channel    text not null,
  lane_start bigint not null,             -- the lane's numbers n: lane_start < n <= lane_start + 1024
  bound      boolean not null default false,
  foreign key (chain, channel) references stellar_channels (chain, address)
);

create index stellar_lane_payouts_by_lane on stellar_lane_payouts (chain, channel, lane_start);

-- Transactions, stored with their hash before they are signed, and with their signature before they are submitted.
create table stellar_attempts (
  id            text primary key,         -- at_…: the request id at the signer
  chain         text not null,
  channel       text not null,
  key_id        text not null,
  lane_start    bigint not null,
  sequence      bigint not null,
  fee           bigint not null,          -- stroops, the whole transaction
  max_time      bigint not null,          -- Unix seconds
  ledger_before bigint not null,          -- the newest ledger that was known before it was built
  hash          text not null,            -- of the inner transaction, hex
  unsigned      bytea not null,
  asks          integer not null default 0, -- how often a signature was asked for
  signed        bytea,
  path          text check (path in ('legacy', 'kms')),
  state         text not null check (state in ('built', 'signed', 'succeeded', 'failed', 'expired', 'refused', 'quarantined')),
  outcome       text,                     -- result code of the ledger, or of the node that refused it
  failed_operations jsonb,                -- [{index, code}] as that result names them
  created_at    timestamptz not null default now(),
  signed_at     timestamptz,
  submitted_at  timestamptz,              -- last sent to the node
  submitted_outcome text,                 -- what the node said to it
  accepted_at   timestamptz,              -- the network had it first
  finished_at   timestamptz,
  foreign key (chain, channel) references stellar_channels (chain, address),
  check ((signed is null) = (signed_at is null) and (signed is null) = (path is null)),
  check (state <> 'signed' or signed is not null)
);

-- A channel carries one transaction at a time.
create unique index stellar_attempts_live on stellar_attempts (chain, channel) where state in ('built', 'signed');
create index stellar_attempts_by_number on stellar_attempts (chain, channel, sequence);

create table stellar_attempt_payouts (
  attempt_id     text not null references stellar_attempts (id),
  position       integer not null check (position >= 0), -- of its operation
  payout_id      text not null references payouts (id),
  create_account boolean not null,
  primary key (attempt_id, position),
  unique (attempt_id, payout_id)
);

create index stellar_attempt_payouts_by_payout on stellar_attempt_payouts (payout_id);

-- EVM accounts that pay, and the next nonce that no payout owns.
create table evm_accounts (
  chain         text not null,
  address       text not null,            -- EIP-55
  key_id        text not null,
  next_nonce    bigint not null check (next_nonce >= 0),
  paused_code   text,                     -- set on foreign use; a person lifts it
  paused_detail text,
  primary key (chain, address)
);

-- Once a transaction on it may have been signed, a nonce belongs to its payout until the chain has consumed it.
create table evm_nonces (
  chain        text not null,
  address      text not null,
  nonce        bigint not null check (nonce >= 0),
  payout_id    text not null unique references payouts (id),
  state        text not null default 'open' check (state in ('open', 'final', 'lost')),
  -- where a transaction on it was last seen in a block
  mined_hash   text,
  block_number bigint,
  block_hash   text,
  final_at     timestamptz,
  primary key (chain, address, nonce),
  foreign key (chain, address) references evm_accounts (chain, address),
  check (num_nulls(mined_hash, block_number, block_hash) in (0, 3))
);

create index evm_nonces_open on evm_nonces (chain, address, nonce) where state = 'open';
create index evm_nonces_final on evm_nonces (chain, address, final_at) where state = 'final';

-- Every transaction that was ever put to the signer for a nonce: all are looked up, only the newest is sent.
create table evm_attempts (
  id           text primary key,          -- at_…
  chain        text not null,
  address      text not null,
  nonce        bigint not null,
  payout_id    text not null references payouts (id),
  key_id       text not null,
  purpose      text not null check (purpose in ('payout', 'cancel')),
  value        numeric(78, 0) not null,
  gas_limit    bigint not null,
  max_fee_per_gas          numeric(78, 0) not null,
  max_priority_fee_per_gas numeric(78, 0) not null,
  unsigned     bytea not null,
  signing_hash text not null,
  asks         integer not null default 0,
  signed       bytea,
  hash         text unique,               -- of the signed transaction, 0x…
  path         text check (path in ('legacy', 'kms')),
  state        text not null check (state in ('built', 'signed', 'refused')),
  created_at   timestamptz not null default now(),
  signed_at    timestamptz,
  sent_at      timestamptz,               -- last sent to the node
  sent_outcome text,                      -- what the node said to it
  accepted_at  timestamptz,               -- a node had it first
  foreign key (chain, address) references evm_accounts (chain, address),
  check (num_nulls(signed, hash, path, signed_at) in (0, 4)),
  check (state <> 'signed' or signed is not null)
);

create unique index evm_attempts_built on evm_attempts (chain, address) where state = 'built';
create index evm_attempts_by_nonce on evm_attempts (chain, address, nonce);
