-- A database of schema version 1, made by its own migrations, with rows of programs that wrote it.
CREATE SCHEMA plenary;
SET search_path = plenary;
CREATE TABLE migrations (version INTEGER PRIMARY KEY, needs INTEGER NOT NULL, applied_at TIMESTAMPTZ NOT NULL);
CREATE TABLE calls (
  id          TEXT PRIMARY KEY,
  application TEXT NOT NULL,
  node        TEXT NOT NULL,
  status      TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  finished_at BIGINT,
  record      TEXT NOT NULL
);
CREATE INDEX calls_unfinished ON calls (node, created_at) WHERE finished_at IS NULL;
CREATE INDEX calls_finished ON calls (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE outbox (
  position    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,
  application TEXT NOT NULL,
  call        TEXT NOT NULL,
  stream      TEXT NOT NULL,
  sequence    BIGINT NOT NULL,
  name        TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  body        TEXT NOT NULL,
  attempts    INTEGER NOT NULL DEFAULT 0,
  due         BIGINT,
  lessee      TEXT,
  reason      TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outbox_due ON outbox (application, due) WHERE due IS NOT NULL;
CREATE INDEX outbox_stream ON outbox (stream, sequence);
CREATE INDEX outbox_lessee ON outbox (lessee) WHERE lessee IS NOT NULL;

CREATE TABLE dead_letters (
  position    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,
  application TEXT NOT NULL,
  call        TEXT NOT NULL,
  stream      TEXT NOT NULL,
  sequence    BIGINT NOT NULL,
  name        TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  body        TEXT NOT NULL,
  attempts    INTEGER NOT NULL,
  reason      TEXT NOT NULL
);
CREATE INDEX dead_letters_application ON dead_letters (application, position);
CREATE INDEX dead_letters_created ON dead_letters (created_at);

CREATE TABLE writers (
  writer      TEXT PRIMARY KEY,
  node        TEXT NOT NULL,
  incarnation BIGINT NOT NULL,
  last_write  BIGINT NOT NULL DEFAULT 0,
  seen_at     TIMESTAMPTZ
);
CREATE INDEX writers_node ON writers (node);
INSERT INTO migrations VALUES (1, 1, now());
INSERT INTO calls (id, application, node, status, created_at, finished_at, record)
  VALUES ('call_ended', 'app_demo', 'node-a', 'completed', 1795348800000000000, 1795348860000000000, '{"id":"call_ended","customer":"cust_demo","application":"app_demo","provider_call_id":"leg-call_ended","status":"completed","direction":"inbound","from":"+15550100","to":"+15551230001","node":"node-a","room":{"customer":"cust_demo","name":"daily"},"created_at":1795348800000000000,"answered_at":1795348802000000000,"ended_at":1795348860000000000,"cause":{"q850":16,"name":"normal_clearing"},"variables":{"team":"blue"},"last_sequence":7}');
INSERT INTO calls (id, application, node, status, created_at, finished_at, record)
  VALUES ('call_running', 'app_demo', 'node-a', 'in_progress', 1795348800000000000, NULL, '{"id":"call_running","customer":"cust_demo","application":"app_demo","provider_call_id":"leg-call_running","status":"in_progress","direction":"inbound","from":"+15550100","to":"+15551230001","node":"node-a","room":{"customer":"cust_demo","name":"daily"},"created_at":1795348800000000000,"answered_at":1795348802000000000,"ended_at":null,"cause":null,"variables":{"team":"blue"},"last_sequence":4}');
INSERT INTO calls (id, application, node, status, created_at, finished_at, record)
  VALUES ('call_failed', 'app_demo', 'node-a', 'failed', 1795348800000000000, 1795348860000000000, '{"id":"call_failed","customer":"cust_demo","application":"app_demo","provider_call_id":"leg-call_failed","status":"failed","direction":"inbound","from":"+15550100","to":"+15551230001","node":"node-a","room":{"customer":"cust_demo","name":"daily"},"created_at":1795348800000000000,"answered_at":1795348802000000000,"ended_at":1795348860000000000,"cause":{"q850":41,"name":"answer_url_failed"},"variables":{"team":"blue"},"last_sequence":7,"sip_call_id":"abc@phone","caller":{"asserted_identity":"","privacy":"","diverted_from":"","diversion_reason":"","headers":{"X-Team":"blue"}},"ended_by":"flow","error":{"code":"timeout","message":"no answer within 5 s"}}');
INSERT INTO outbox (id, application, call, sequence, name, created_at, body, attempts, due, lessee, reason, stream)
  VALUES ('evt_call_ended_6', 'app_demo', 'call_ended', 6, 'participant.left', 1795348800000000006, '{"event": "participant.left", "sequence": 6}', 2, 1795348800000000006, NULL, 'status 500', 'call_ended');
INSERT INTO outbox (id, application, call, sequence, name, created_at, body, attempts, due, lessee, reason, stream)
  VALUES ('evt_call_ended_7', 'app_demo', 'call_ended', 7, 'call.completed', 1795348800000000007, '{"event": "call.completed", "sequence": 7}', 0, NULL, NULL, '', 'call_ended');
INSERT INTO outbox (id, application, call, sequence, name, created_at, body, attempts, due, lessee, reason, stream)
  VALUES ('evt_room_daily_1', 'app_demo', '', 1, 'room.started', 1795348800000000001, '{"event": "room.started", "sequence": 1}', 0, 1795348800000000001, NULL, '', 'room_daily');
INSERT INTO dead_letters (id, application, call, sequence, name, created_at, body, attempts, reason, stream)
  VALUES ('evt_call_ended_5', 'app_demo', 'call_ended', 5, 'participant.joined', 1795348800000000005, '{"event": "participant.joined", "sequence": 5}', 12, 'status 410', 'call_ended');
