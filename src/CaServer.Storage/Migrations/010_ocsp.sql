-- The CRL shard whose URL stands in the certificate; what was issued before there were shards is on the first.
ALTER TABLE issuances ADD COLUMN crl_shard BIGINT NOT NULL DEFAULT 0;

-- Certificates of delegated OCSP responders; a pre-signed answer goes with one of them.
CREATE TABLE ocsp_responders (
    id $id$,
    issuer TEXT NOT NULL REFERENCES issuers (name),
    certificate $bytes$ NOT NULL,
    not_after BIGINT NOT NULL
);

-- What OCSP says about each certificate that is valid still. serial, not_after, revoked_at and reason are repeated so that signing
-- and serving read this table alone. due: when to sign anew, 0 at once. change: rises with each signing, for those who serve;
-- null until the first. The signatures are r and s of responses that name the issuer by SHA-1 and by SHA-256.
CREATE TABLE ocsp_answers (
    issuance_id $id$ REFERENCES issuances (id),
    issuer TEXT NOT NULL REFERENCES issuers (name),
    serial $bytes$ NOT NULL,
    not_after BIGINT NOT NULL,
    revoked_at BIGINT,
    reason TEXT,
    due BIGINT NOT NULL,
    change BIGINT,
    responder_id BIGINT REFERENCES ocsp_responders (id),
    this_update BIGINT,
    next_update BIGINT,
    sha1_signature $bytes$,
    sha256_signature $bytes$
);
CREATE INDEX ocsp_answers_due ON ocsp_answers (due);
CREATE INDEX ocsp_answers_change ON ocsp_answers (change);

-- Locked by whoever stores signed answers, so that changes become visible in the order of their numbers.
CREATE TABLE ocsp_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    next BIGINT NOT NULL
);
INSERT INTO ocsp_head (id, next) VALUES (1, 1);

INSERT INTO ocsp_answers (issuance_id, issuer, serial, not_after, revoked_at, reason, due)
SELECT i.id, i.issuer, i.serial, i.not_after, r.revoked_at, r.reason, 0
FROM issuances i LEFT JOIN revocations r ON r.issuance_id = i.id WHERE i.state = 'issued';
