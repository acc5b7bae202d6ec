-- Checks that perspectives in other processes are asked for. A row lives for seconds: asker inserts it under a number of its own, a process
-- of the perspective takes it once (taken_by) and writes the result, and asker takes the row back with it; asker deletes it, too, when it
-- has waited until deadline. request and result are JSON. A perspective elsewhere needs no more than to read and update this table.
CREATE TABLE remote_checks (
    asker TEXT NOT NULL,
    number BIGINT NOT NULL,
    perspective TEXT NOT NULL,
    request $bytes$ NOT NULL,
    deadline BIGINT NOT NULL,
    taken_by TEXT,
    result $bytes$,
    PRIMARY KEY (asker, number)
);
CREATE INDEX remote_checks_open ON remote_checks (perspective, deadline) WHERE taken_by IS NULL;
CREATE INDEX remote_checks_taken ON remote_checks (taken_by) WHERE taken_by IS NOT NULL;
