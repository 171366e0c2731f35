-- A key id means one key for good, and a key has one id: what is kept of it (freeze, limits, lanes, since when it has been on kms) is
-- kept by its id. Null until a signer has started with the key since this column is there.
alter table keys add column public_key bytea;

-- kms_since is set when a key is first put on kms, and stays.
