-- One text for SQLite and PostgreSQL. Times are milliseconds since the epoch, UTC; lists and problems are JSON. States are closed
-- sets, so the database checks them; methods, profiles and kinds of log leaves grow with the program, which checks them itself.

CREATE TABLE accounts (
    id $id$,
    status TEXT NOT NULL CHECK (status IN ('valid', 'deactivated', 'revoked')),
    thumbprint TEXT NOT NULL UNIQUE,
    jwk TEXT NOT NULL,
    contacts TEXT NOT NULL,
    terms_agreed_at BIGINT,
    created_at BIGINT NOT NULL
);

-- The requests that set the account's key: newAccount (sequence 0), then each keyChange.
CREATE TABLE account_keys (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    sequence BIGINT NOT NULL,
    jws $bytes$ NOT NULL,
    PRIMARY KEY (account_id, sequence)
);

-- certificate_id and finalize_jws are set by their steps; lease_* and attempts are those of the signer while it is processing.
CREATE TABLE orders (
    id $id$,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    status TEXT NOT NULL CHECK (status IN ('pending', 'ready', 'processing', 'valid', 'invalid')),
    profile TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    certificate_id BIGINT,
    error TEXT,
    lease_owner TEXT,
    lease_until BIGINT,
    attempts BIGINT NOT NULL,
    finalize_jws $bytes$
);
CREATE INDEX orders_expires ON orders (expires);
CREATE INDEX orders_processing ON orders (id) WHERE status = 'processing';

CREATE TABLE authorizations (
    id $id$,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    identifier_type TEXT NOT NULL CHECK (identifier_type IN ('dns', 'ip')),
    identifier TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'valid', 'invalid', 'deactivated', 'expired', 'revoked')),
    expires BIGINT NOT NULL
);
CREATE INDEX authorizations_reusable ON authorizations (account_id, identifier) WHERE status = 'valid';

-- The names of an order, in the order received, and what proves each.
CREATE TABLE order_authorizations (
    order_id BIGINT NOT NULL REFERENCES orders (id),
    position BIGINT NOT NULL,
    authorization_id BIGINT NOT NULL REFERENCES authorizations (id),
    identifier_type TEXT NOT NULL CHECK (identifier_type IN ('dns', 'ip')),
    identifier TEXT NOT NULL,
    PRIMARY KEY (order_id, position)
);
CREATE INDEX order_authorizations_authorization ON order_authorizations (authorization_id);

CREATE TABLE challenges (
    id $id$,
    authorization_id BIGINT NOT NULL REFERENCES authorizations (id),
    method TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'processing', 'valid', 'invalid')),
    token TEXT NOT NULL,
    validated_at BIGINT,
    error TEXT,
    lease_owner TEXT,
    lease_until BIGINT,
    attempts BIGINT NOT NULL
);
CREATE INDEX challenges_authorization ON challenges (authorization_id);
CREATE INDEX challenges_processing ON challenges (id) WHERE status = 'processing';

-- Signed statements of the perspectives, compact JWS.
CREATE TABLE control_statements (
    id $id$,
    authorization_id BIGINT NOT NULL REFERENCES authorizations (id),
    challenge_id BIGINT NOT NULL REFERENCES challenges (id),
    perspective TEXT NOT NULL,
    statement TEXT NOT NULL
);
CREATE INDEX control_statements_authorization ON control_statements (authorization_id);
CREATE INDEX control_statements_challenge ON control_statements (challenge_id);

CREATE TABLE issuers (
    name TEXT NOT NULL PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('root', 'issuing')),
    certificate $bytes$ NOT NULL,
    created_at BIGINT NOT NULL
);

-- The present list of each shard; number is the CRL number and only ever rises.
CREATE TABLE crls (
    issuer TEXT NOT NULL REFERENCES issuers (name),
    shard BIGINT NOT NULL,
    number BIGINT NOT NULL,
    this_update BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    der $bytes$ NOT NULL,
    PRIMARY KEY (issuer, shard)
);

-- One attempt to sign one certificate, written before it is signed. order_id and account_id are kept when the order is deleted,
-- so they reference nothing; both are null for certificates of the server itself.
CREATE TABLE issuances (
    id $id$,
    state TEXT NOT NULL CHECK (state IN ('recorded', 'issued', 'abandoned')),
    order_id BIGINT,
    account_id BIGINT,
    serial $bytes$ NOT NULL UNIQUE,
    issuer TEXT NOT NULL REFERENCES issuers (name),
    profile TEXT NOT NULL,
    names TEXT NOT NULL,
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    certificate $bytes$,
    tbs $bytes$ NOT NULL,
    evidence $bytes$ NOT NULL,
    CHECK ((state = 'issued') = (certificate IS NOT NULL))
);
CREATE UNIQUE INDEX issuances_one_per_order ON issuances (order_id) WHERE state <> 'abandoned' AND order_id IS NOT NULL;
CREATE INDEX issuances_recorded ON issuances (id) WHERE state = 'recorded';
CREATE INDEX issuances_not_after ON issuances (not_after);

-- Leaves of the append-only log. log_head is locked by whoever appends, so that the sequence has no gaps.
CREATE TABLE log_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    next BIGINT NOT NULL
);
INSERT INTO log_head (id, next) VALUES (1, 0);
CREATE TABLE log_leaves (
    sequence BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    body $bytes$ NOT NULL
);

CREATE TABLE secrets (
    name TEXT NOT NULL PRIMARY KEY,
    value $bytes$ NOT NULL
);

-- Nonces that were used, until they would have run out anyway.
CREATE TABLE used_nonces (
    nonce $bytes$ NOT NULL PRIMARY KEY,
    expires BIGINT NOT NULL
);
CREATE INDEX used_nonces_expires ON used_nonces (expires);
