-- RFC 9444: whether an authorization is for all names below its identifier too. RFC 8555 §7.4.1: whether it was asked for by itself,
-- so that there may never be an order that it goes with.
ALTER TABLE authorizations ADD COLUMN names_below BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE authorizations ADD COLUMN pre_authorized BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX authorizations_names_below ON authorizations (account_id) WHERE names_below AND status = 'valid';
CREATE INDEX authorizations_pre_authorized ON authorizations (expires) WHERE pre_authorized;
