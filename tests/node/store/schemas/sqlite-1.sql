-- A file of schema version 1, made by its own migrations, with rows of programs that wrote it.
PRAGMA application_id = 1347178073;
CREATE TABLE calls (
    id          TEXT NOT NULL PRIMARY KEY,
    application TEXT NOT NULL,
    status      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    finished_at INTEGER,
    record      TEXT NOT NULL
  );
CREATE TABLE dead_letters (
    position    INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    application TEXT NOT NULL,
    call        TEXT NOT NULL,
    sequence    INTEGER NOT NULL,
    name        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    body        TEXT NOT NULL,
    attempts    INTEGER NOT NULL,
    reason      TEXT NOT NULL
  );
CREATE TABLE migrations (version INTEGER PRIMARY KEY, applied_at INTEGER);
CREATE TABLE outbox (
    position    INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    application TEXT NOT NULL,
    call        TEXT NOT NULL,
    sequence    INTEGER NOT NULL,
    name        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    body        TEXT NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    due         INTEGER,
    leased      INTEGER NOT NULL DEFAULT 0,
    reason      TEXT NOT NULL DEFAULT ''
  );
CREATE INDEX calls_unfinished ON calls (created_at) WHERE finished_at IS NULL;
CREATE INDEX calls_finished ON calls (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX outbox_due ON outbox (application, due) WHERE due IS NOT NULL;
CREATE INDEX outbox_call ON outbox (call, sequence);
CREATE INDEX dead_letters_application ON dead_letters (application, position);
CREATE INDEX dead_letters_created ON dead_letters (created_at);
INSERT INTO migrations VALUES (1, 1795348800000000000);
INSERT INTO calls (id, application, status, created_at, finished_at, record)
  VALUES ('call_ended', 'app_demo', 'completed', 1795348800000000000, 1795348860000000000, '{"id":"call_ended","customer":"cust_demo","application":"app_demo","provider_call_id":"leg-call_ended","status":"completed","direction":"inbound","from":"+15550100","to":"+15551230001","node":"node-a","room":{"customer":"cust_demo","name":"daily"},"created_at":1795348800000000000,"answered_at":1795348802000000000,"ended_at":1795348860000000000,"cause":{"q850":16,"name":"normal_clearing"},"variables":{"team":"blue"},"last_sequence":7}');
INSERT INTO calls (id, application, status, created_at, finished_at, record)
  VALUES ('call_running', 'app_demo', 'in_progress', 1795348800000000000, NULL, '{"id":"call_running","customer":"cust_demo","application":"app_demo","provider_call_id":"leg-call_running","status":"in_progress","direction":"inbound","from":"+15550100","to":"+15551230001","node":"node-a","room":{"customer":"cust_demo","name":"daily"},"created_at":1795348800000000000,"answered_at":1795348802000000000,"ended_at":null,"cause":null,"variables":{"team":"blue"},"last_sequence":4}');
INSERT INTO outbox (id, application, call, sequence, name, created_at, body, attempts, due, leased, reason)
  VALUES ('evt_call_ended_6', 'app_demo', 'call_ended', 6, 'participant.left', 1795348800000000006, '{"event": "participant.left", "sequence": 6}', 2, 1795348800000000006, 0, 'status 500');
INSERT INTO outbox (id, application, call, sequence, name, created_at, body, attempts, due, leased, reason)
  VALUES ('evt_call_ended_7', 'app_demo', 'call_ended', 7, 'call.completed', 1795348800000000007, '{"event": "call.completed", "sequence": 7}', 0, NULL, 0, '');
INSERT INTO dead_letters (id, application, call, sequence, name, created_at, body, attempts, reason)
  VALUES ('evt_call_ended_5', 'app_demo', 'call_ended', 5, 'participant.joined', 1795348800000000005, '{"event": "participant.joined", "sequence": 5}', 12, 'status 410');
