-- RFC 9773 §5: the certificate that an order replaces, by its identifier on the wire and by its row. A certificate is replaced
-- once; an order that failed does not count.
ALTER TABLE orders ADD COLUMN replaces TEXT;
ALTER TABLE orders ADD COLUMN replaces_id BIGINT;
CREATE UNIQUE INDEX orders_replaces ON orders (replaces_id) WHERE replaces_id IS NOT NULL AND status <> 'invalid';
