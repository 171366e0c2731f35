-- How many fraction digits the asset of a payout has, as it was configured when the payout was accepted: what was asked for
-- is shown the same way for good, also when the asset is configured otherwise or no more.

alter table payouts add column decimals smallint check (decimals between 0 and 77);
-- The payouts that are there are in native assets.
update payouts set decimals = case when chain like 'stellar:%' then 7 else 18 end;
alter table payouts alter column decimals set not null;

-- Which assets wait; payouts are taken up by asset, so that one that cannot be paid does not hide the others.
create index payouts_waiting_assets on payouts (key_id, chain, asset) where status = 'created';
