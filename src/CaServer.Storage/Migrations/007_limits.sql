-- What is left of the past of each limit that was used: its theoretical arrival time (see RateLimit), under the key that its uses
-- are counted under, and the time that each of them weighs there. A row whose time has come says no more than no row. Both in
-- milliseconds.
CREATE TABLE limit_states (
    limit_name TEXT NOT NULL,
    key TEXT NOT NULL,
    tat BIGINT NOT NULL,
    step BIGINT NOT NULL CHECK (step > 0),
    PRIMARY KEY (limit_name, key)
);

-- Exceptions that the operator made. A null count is any number; the period is in milliseconds.
CREATE TABLE limit_overrides (
    limit_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    count BIGINT CHECK (count > 0),
    period BIGINT CHECK (period > 0),
    burst BIGINT CHECK (burst > 0),
    note TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (limit_name, subject)
);

-- How many authorizations an account has pending.
CREATE INDEX authorizations_pending ON authorizations (account_id, expires) WHERE status = 'pending';
