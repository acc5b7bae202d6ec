-- A long list is written and read a piece at a time. Its pieces are there before it is the present one, and go after it was. Two
-- publishers may choose the same number at the same time, so the pieces have a random number of their own besides.
CREATE TABLE crl_pieces (
    issuer TEXT NOT NULL REFERENCES issuers (name),
    shard BIGINT NOT NULL,
    list BIGINT NOT NULL,
    piece BIGINT NOT NULL,
    number BIGINT NOT NULL,
    octets $bytes$ NOT NULL,
    PRIMARY KEY (issuer, shard, list, piece)
);
INSERT INTO crl_pieces (issuer, shard, list, piece, number, octets) SELECT issuer, shard, 0, 0, number, der FROM crls;
ALTER TABLE crls ADD COLUMN list BIGINT NOT NULL DEFAULT 0;
ALTER TABLE crls ADD COLUMN length BIGINT NOT NULL DEFAULT 0;
UPDATE crls SET length = LENGTH(der);
ALTER TABLE crls DROP COLUMN der;

-- Which of its shard's revocations each is, in the order of their commits; 0: of before this was counted.
ALTER TABLE revocations ADD COLUMN shard_position BIGINT NOT NULL DEFAULT 0;
DROP INDEX revocations_listed;
CREATE INDEX revocations_listed ON revocations (issuer, shard, not_after, shard_position, crl_entry);
CREATE INDEX revocations_position ON revocations (issuer, shard, shard_position);

-- The present delta of a shard, and the complete lists that one may be made to: how many of the shard's revocations each has.
CREATE TABLE crl_deltas (
    issuer TEXT NOT NULL REFERENCES issuers (name),
    shard BIGINT NOT NULL,
    number BIGINT NOT NULL,
    base BIGINT NOT NULL,
    this_update BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    der $bytes$ NOT NULL,
    PRIMARY KEY (issuer, shard)
);
CREATE TABLE crl_bases (
    issuer TEXT NOT NULL REFERENCES issuers (name),
    shard BIGINT NOT NULL,
    number BIGINT NOT NULL,
    listed BIGINT NOT NULL,
    this_update BIGINT NOT NULL,
    PRIMARY KEY (issuer, shard, number)
);
