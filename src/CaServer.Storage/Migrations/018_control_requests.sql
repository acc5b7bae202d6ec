-- Requests to prove a name by a method that is no ACME challenge. token is the random value of the request and of no other. Of a value
-- that was sent there is only its SHA-256 value until it comes back; then it is spent, and kept as the answer. authorization_id is what
-- the request became; it may be gone by now.
CREATE TABLE control_requests (
    id $id$,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    identifier_type TEXT NOT NULL CHECK (identifier_type IN ('dns', 'ip')),
    identifier TEXT NOT NULL,
    method TEXT NOT NULL,
    token TEXT NOT NULL UNIQUE,
    recipient TEXT,
    sent_hash $bytes$ UNIQUE,
    answer TEXT,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'confirmed', 'proved', 'refused', 'cancelled')),
    attempts BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    confirmed_at BIGINT,
    authorization_id BIGINT
);
CREATE INDEX control_requests_account ON control_requests (account_id);
CREATE INDEX control_requests_expires ON control_requests (expires);
