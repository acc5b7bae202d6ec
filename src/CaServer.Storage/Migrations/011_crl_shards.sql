-- The shards of an issuer's CRL: how many revocations each has had, and how many of them its present list was made with.
CREATE TABLE crl_shards (
    issuer TEXT NOT NULL REFERENCES issuers (name),
    shard BIGINT NOT NULL,
    revocations BIGINT NOT NULL,
    listed BIGINT NOT NULL,
    PRIMARY KEY (issuer, shard)
);
INSERT INTO crl_shards (issuer, shard, revocations, listed) SELECT issuer, shard, COUNT(*), 0 FROM revocations GROUP BY issuer, shard;

-- With the entry in it, a list is read from the index alone; the table has the evidence beside each entry.
DROP INDEX revocations_listed;
CREATE INDEX revocations_listed ON revocations (issuer, shard, not_after, crl_entry);
