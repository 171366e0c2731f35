-- A row for each key: reservations for one key take turns on it, across replicas, and so do its freezing and a new policy.
create table keys (
  key_id        text primary key,
  frozen_at     timestamptz,
  frozen_reason text,
  check ((frozen_at is null) = (frozen_reason is null))
);

-- Every policy that was accepted. The highest version is in force, and a replica that has an older one signs nothing.
create table policies (
  version     bigint primary key check (version > 0),
  environment text not null,
  digest      text not null, -- sha-256, hex
  accepted_at timestamptz not null default now()
);

-- What counts against a limit over time: payouts by their asset, fees by the slot (sequence number, nonce) that can be charged once.
-- A signature that lets a payout live longer moves its charge to that time; nothing is ever taken back.
create table charges (
  key_id     text not null,
  measure    text not null,           -- CAIP-19, or `fee`
  item       text not null,           -- payout id, or slot
  amount     numeric(78, 0) not null, -- smallest unit
  charged_at timestamptz not null,
  primary key (key_id, measure, item)
);

create index charges_by_time on charges (key_id, measure, charged_at) include (amount);

insert into charges (key_id, measure, item, amount, charged_at)
  select key_id, asset, payout_id, amount, bound_at from payouts;

-- The sum of one window as it was last looked at: all charges later than swept_until. Each look takes off what has grown too old since.
create table spend_counters (
  key_id      text not null,
  measure     text not null,
  seconds     integer not null check (seconds > 0),
  amount      numeric(90, 0) not null,
  count       bigint not null,
  swept_until timestamptz not null,
  primary key (key_id, measure, seconds)
);
