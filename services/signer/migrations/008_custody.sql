-- Since when a key has been on KMS or in an HSM: its flag does not lead back to its seed, unless policy says so. Null before, and after it
-- was let back.
alter table keys add column kms_since timestamptz;

-- Signatures that were asked for beside those of the legacy path, compared and thrown away.
create table shadow_signatures (
  id         bigint generated always as identity primary key,
  key_id     text not null references keys (key_id),
  backend    text not null,
  outcome    text not null check (outcome in ('agreed', 'disagreed', 'failed')),
  error_code text,                  -- of the last attempt, where it failed
  legacy_us  integer not null,      -- what the signature that was answered took, microseconds
  shadow_us  integer not null,
  at         timestamptz not null default now()
);

create index shadow_signatures_by_key on shadow_signatures (key_id, at);
