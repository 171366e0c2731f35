-- Events are written in the same commit as what they tell of. Each replica has a chain of its own; the row lock on its head
-- makes a fork impossible even where two processes use the same name.

create table audit_chains (
  chain_id text primary key,
  sequence bigint not null,
  hash     text not null -- hex
);

create table audit_events (
  chain_id      text not null references audit_chains (chain_id),
  sequence      bigint not null check (sequence > 0),
  previous_hash text not null, -- hex
  hash          text not null,
  request_id    text not null,
  event         jsonb not null,
  primary key (chain_id, sequence)
);

create index audit_events_by_request on audit_events (request_id);
