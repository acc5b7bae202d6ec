-- Keys for external account binding (RFC 8555 §7.3.4). mac_key is encrypted by the host with a key that is not in the database.
-- accounts counts those ever bound, so that taking a place is one conditional update. Null domains, profiles: no limit.
CREATE TABLE eab_keys (
    id $id$,
    kid TEXT NOT NULL UNIQUE,
    mac_key $bytes$ NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    max_accounts BIGINT NOT NULL CHECK (max_accounts > 0),
    accounts BIGINT NOT NULL CHECK (accounts >= 0 AND accounts <= max_accounts),
    domains TEXT,
    profiles TEXT,
    note TEXT
);

-- What binds an account: the key, and the inner JWS as it was verified.
ALTER TABLE accounts ADD COLUMN eab_key_id BIGINT REFERENCES eab_keys (id);
ALTER TABLE accounts ADD COLUMN eab_jws TEXT;
