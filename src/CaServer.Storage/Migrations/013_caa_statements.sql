-- The latest CAA statement of each perspective about a name ordered, compact JWS, for an authorization that is used again or that is
-- for all names below its own.
CREATE TABLE caa_statements (
    authorization_id BIGINT NOT NULL REFERENCES authorizations (id),
    identifier TEXT NOT NULL,
    perspective TEXT NOT NULL,
    checked_at BIGINT NOT NULL,
    statement TEXT NOT NULL,
    PRIMARY KEY (authorization_id, identifier, perspective)
);
