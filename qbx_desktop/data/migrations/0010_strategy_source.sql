-- The bytes that were approved, so that a changed strategy file can be shown beside them.
ALTER TABLE strategy_trust ADD COLUMN source BLOB;
