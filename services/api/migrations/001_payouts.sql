-- What clients asked for, who asked, and what became of it.

create table api_keys (
  id          text primary key,
  name        text not null,
  -- sha-256 of the secret; the secret itself is shown once and never stored
  secret_hash bytea not null unique,
  scopes      text[] not null,
  created_at  timestamptz not null default now(),
  revoked_at  timestamptz
);

create table payouts (
  id          text primary key,
  chain       text not null,          -- CAIP-2
  asset       text not null,          -- CAIP-19
  amount      numeric(78, 0) not null check (amount > 0), -- smallest unit
  destination text not null,
  memo_type   text check (memo_type in ('text', 'id', 'hash', 'return')),
  memo_value  text,
  key_id      text not null,          -- the treasury key that pays
  status      text not null check (status in ('created', 'signing', 'submitted', 'confirming', 'completed', 'failed', 'canceled', 'indeterminate')),
  -- why the payout failed, or why it waits
  reason_code   text,
  reason_detail text,
  -- of the attempt that last carried it
  hash        text,
  path        text check (path in ('legacy', 'kms')),
  external_id text unique,
  metadata    jsonb not null default '{}',
  api_key_id  text not null references api_keys (id),
  request_id  text not null,          -- of the HTTP request that created it
  -- milliseconds, as clients see them: they page and filter by this time
  created_at  timestamptz(3) not null default now(),
  updated_at  timestamptz(3) not null default now(),
  check ((memo_type is null) = (memo_value is null))
);

create index payouts_page on payouts (created_at desc, id desc);
create index payouts_by_status on payouts (status);
create index payouts_waiting on payouts (key_id, created_at, id) where status = 'created';

-- Each change of a payout's state, written in the same transaction as the change (outbox).
create table payout_events (
  sequence    bigint generated always as identity primary key,
  payout_id   text not null references payouts (id),
  from_status text,
  to_status   text not null,
  detail      jsonb not null default '{}',
  at          timestamptz not null default now()
);

create index payout_events_by_payout on payout_events (payout_id, sequence);

-- A key is bound to its request for good: the same key with the same body gives the first answer again.
create table idempotency_keys (
  api_key_id    text not null references api_keys (id),
  key           text not null,
  request_hash  bytea not null,       -- sha-256 over method, route and canonical body
  payout_id     text not null references payouts (id),
  response_status integer not null,
  response_body text not null,
  created_at    timestamptz not null default now(),
  primary key (api_key_id, key)
);

-- CloudTrail-style events of this side of the wall.
create table audit_events (
  sequence   bigint generated always as identity primary key,
  request_id text not null,
  event      jsonb not null
);

create index audit_events_by_request on audit_events (request_id);
