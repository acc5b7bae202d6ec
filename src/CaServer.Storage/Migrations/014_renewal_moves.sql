-- Windows of renewal information (RFC 9773) that the operator moved, for a set of certificates each. What is newer takes a
-- certificate from what is older. not_after is the certificate's, repeated for the retention.
CREATE TABLE renewal_moves (
    id $id$,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL CHECK (ends_at > starts_at),
    explanation TEXT,
    note TEXT,
    created_at BIGINT NOT NULL
);
CREATE TABLE renewal_moved (
    issuance_id BIGINT NOT NULL PRIMARY KEY REFERENCES issuances (id),
    move_id BIGINT NOT NULL REFERENCES renewal_moves (id),
    not_after BIGINT NOT NULL
);
CREATE INDEX renewal_moved_move ON renewal_moved (move_id);
CREATE INDEX renewal_moved_not_after ON renewal_moved (not_after);
