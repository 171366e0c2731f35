-- A chain belongs to one process at a time: it holds the lease, by the clock of this database, and appends only while it does.
alter table audit_chains
  add column holder     text,       -- a random token of the process
  add column held_until timestamptz,
  add check ((holder is null) = (held_until is null));

-- Signed statements of where every chain had come.
create table audit_checkpoints (
  number     bigint primary key check (number > 0),
  statement  text not null,         -- the JSON that is signed, byte for byte
  hash       text not null,         -- hex; the next statement names it
  signature  text not null,         -- Ed25519, base64
  written_at timestamptz not null
);

-- One row: whoever has its lock writes the next checkpoint.
create table audit_checkpoint_turn (sole boolean primary key default true check (sole));
insert into audit_checkpoint_turn default values;

-- How far each sink has what a replica exports: the events of its own chain, and every checkpoint.
create table audit_cursors (
  chain_id   text not null references audit_chains (chain_id),
  sink       text not null,         -- `file`, `stdout`
  sequence   bigint not null,
  checkpoint bigint not null,
  primary key (chain_id, sink)
);
