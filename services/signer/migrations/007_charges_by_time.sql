-- The primary key began like this index: a plan made before there were statistics could take either one for the other's work, and go
-- through every charge of a key. Now each serves one question alone: one item by the primary key, a span of time by this.
drop index charges_by_time;
create index charges_by_time on charges ((array[key_id, measure]), charged_at);
