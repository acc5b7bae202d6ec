-- The latest CAA statement of each perspective for an authorization that is used again, compact JWS.
CREATE TABLE caa_statements (
    authorization_id BIGINT NOT NULL REFERENCES authorizations (id),
    perspective TEXT NOT NULL,
    checked_at BIGINT NOT NULL,
    statement TEXT NOT NULL,
    PRIMARY KEY (authorization_id, perspective)
);
