-- When the operator learned of the reason for a revocation: the deadlines of BR §4.9.1.1 run from then.
ALTER TABLE revocations ADD COLUMN reported_at BIGINT;

-- The certificates of an account, for the operator. Those of the server itself have no account.
CREATE INDEX issuances_account ON issuances (account_id, id) WHERE account_id IS NOT NULL;
