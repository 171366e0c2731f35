-- A lane may be the nonce of one Soroban authorization entry. Envelopes around the entry are built freely, the entry itself is
-- signed with one content only: its hash is bound to the lane with the payout.

alter table sole_lanes add column authorization_hash bytea check (length(authorization_hash) = 32); -- null on EVM
