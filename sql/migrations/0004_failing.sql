-- Since when a job fails without a success in between: null while it does not.
alter table jobs add column failing_since timestamptz;
