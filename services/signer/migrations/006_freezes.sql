-- What operators did to keys by hand: written in one commit with the row of the key. A replica leaves the audit event of each, once.
create table freezes (
  id       bigint generated always as identity primary key,
  key_id   text not null references keys (key_id),
  frozen   boolean not null,        -- false where it was lifted
  reason   text not null,
  operator text not null,           -- who says to have done it
  at       timestamptz not null default now(),
  told     boolean not null default false
);

create index freezes_untold on freezes (id) where not told;
