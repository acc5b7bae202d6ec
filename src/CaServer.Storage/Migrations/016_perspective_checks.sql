-- What each perspective did and saw at each attempt to check a challenge, for the explanation; attempt 0 is the latest look-up of CAA
-- alone, for an authorization that is used again. The trace is JSON. identifier is the name that was checked.
CREATE TABLE perspective_checks (
    challenge_id BIGINT NOT NULL REFERENCES challenges (id),
    attempt BIGINT NOT NULL,
    perspective TEXT NOT NULL,
    identifier_type TEXT NOT NULL CHECK (identifier_type IN ('dns', 'ip')),
    identifier TEXT NOT NULL,
    passed BOOLEAN NOT NULL,
    cause TEXT,
    diagnosis TEXT,
    remedy TEXT,
    trace $bytes$ NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (challenge_id, attempt, perspective, identifier)
);
