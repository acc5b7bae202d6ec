-- A revoked certificate, once. crl_entry is its DER entry, so that a list is a concatenation; issuer, shard and not_after are
-- repeated from the issuance so that building a list reads this table alone.
CREATE TABLE revocations (
    issuance_id BIGINT NOT NULL PRIMARY KEY REFERENCES issuances (id),
    issuer TEXT NOT NULL REFERENCES issuers (name),
    shard BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN (
        'unspecified', 'keyCompromise', 'cACompromise', 'affiliationChanged', 'superseded', 'cessationOfOperation', 'privilegeWithdrawn')),
    revoked_at BIGINT NOT NULL,
    crl_entry $bytes$ NOT NULL,
    evidence $bytes$ NOT NULL
);
CREATE INDEX revocations_listed ON revocations (issuer, shard, not_after);

-- An account's orders, newest first.
CREATE INDEX orders_account ON orders (account_id, id);
