/** Tables partitioned by `day`, the number of days from the epoch to the run's creation in this database. */
export const PARTITIONED_TABLES = ["turns", "bodies", "batch_keys", "responses", "turn_words"] as const

/**
 * `runs` has the columns that change with every batch and those that lists filter and sort by. Long texts are JSON in
 * `run_texts`, so that an append only rewrites a short row. Outlines (`turns`) are separate from `bodies`, so that reading
 * outlines doesn't read bodies. Times of runs are milliseconds since the epoch, set by nodes; deadlines are `timestamptz`,
 * set by the database.
 */
const FIRST_SCHEMA = `
CREATE TABLE runs (
  run_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  day integer NOT NULL DEFAULT floor(extract(epoch FROM now()) / 86400)::integer,
  run_id text COLLATE "C" NOT NULL UNIQUE,
  agent_id text COLLATE "C" NOT NULL,
  start_key text COLLATE "C",
  status smallint NOT NULL,
  outcome text COLLATE "C",
  failed boolean NOT NULL,
  started_at bigint NOT NULL,
  ended_at bigint,
  retained_from bigint,
  parent text COLLATE "C",
  child_count integer NOT NULL,
  cursor integer NOT NULL,
  last_turn_at bigint,
  disconnected_at bigint,
  grace_ms bigint,
  grace_ends_at timestamptz,
  owner text NOT NULL,
  owner_node text,
  owner_epoch integer NOT NULL DEFAULT 1,
  totals jsonb NOT NULL,
  texts_version integer NOT NULL DEFAULT 1
) WITH (fillfactor = 75);
CREATE UNIQUE INDEX runs_by_start_key ON runs (agent_id, start_key) WHERE start_key IS NOT NULL;
CREATE INDEX runs_by_start ON runs (started_at, run_id) INCLUDE (agent_id, status, outcome, failed, ended_at);
CREATE INDEX runs_by_status ON runs (status, started_at, run_id);
CREATE INDEX runs_by_agent ON runs (agent_id, started_at, run_id) INCLUDE (status, failed, ended_at);
CREATE INDEX runs_by_parent ON runs (parent, started_at, run_id) WHERE parent IS NOT NULL;
CREATE INDEX runs_by_retention ON runs (retained_from) WHERE retained_from IS NOT NULL;
CREATE INDEX runs_by_grace ON runs (grace_ends_at) WHERE grace_ends_at IS NOT NULL;
CREATE INDEX runs_by_node ON runs (owner_node) WHERE status = 0;
CREATE INDEX runs_by_day ON runs (day);

CREATE TABLE run_texts (run_no bigint PRIMARY KEY, version integer NOT NULL, search text NOT NULL, texts text NOT NULL);
CREATE TABLE run_labels (label text COLLATE "C" NOT NULL, run_no bigint NOT NULL, PRIMARY KEY (label, run_no));
CREATE INDEX run_labels_by_run ON run_labels (run_no);

CREATE TABLE turns (
  day integer NOT NULL,
  run_no bigint NOT NULL,
  idx integer NOT NULL,
  recorded_at bigint NOT NULL,
  outline text NOT NULL,
  PRIMARY KEY (day, run_no, idx)
) PARTITION BY RANGE (day);
CREATE TABLE bodies (
  day integer NOT NULL,
  run_no bigint NOT NULL,
  idx integer NOT NULL,
  recorded_at bigint NOT NULL,
  preview text,
  body text NOT NULL,
  PRIMARY KEY (day, run_no, idx)
) PARTITION BY RANGE (day);
CREATE TABLE batch_keys (
  day integer NOT NULL,
  run_no bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  base_index integer NOT NULL,
  count integer NOT NULL,
  recorded_at bigint NOT NULL,
  PRIMARY KEY (day, run_no, key)
) PARTITION BY RANGE (day);
-- What each model response of a run has used, since turns that share a response count it once.
CREATE TABLE responses (
  day integer NOT NULL,
  run_no bigint NOT NULL,
  response_id text COLLATE "C" NOT NULL,
  usage text NOT NULL,
  PRIMARY KEY (day, run_no, response_id)
) PARTITION BY RANGE (day);
CREATE TABLE deleted_runs (
  run_no bigint PRIMARY KEY,
  day integer NOT NULL,
  expired boolean NOT NULL,
  deleted_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE turn_words (
  day integer NOT NULL,
  run_no bigint NOT NULL,
  first_idx integer NOT NULL,
  part integer NOT NULL,
  words tsvector NOT NULL,
  PRIMARY KEY (day, run_no, first_idx, part)
) PARTITION BY RANGE (day);
CREATE INDEX turn_words_by_word ON turn_words USING gin (words);
CREATE TABLE indexed_runs (run_no bigint PRIMARY KEY, cursor integer NOT NULL);

CREATE TABLE tokens (
  added bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_id text NOT NULL UNIQUE,
  name text NOT NULL,
  revoked_at text,
  token text NOT NULL
);
CREATE INDEX tokens_by_name ON tokens (name);
CREATE TABLE sessions (
  sha256 text PRIMARY KEY,
  token_id text NOT NULL,
  created_at text COLLATE "C" NOT NULL,
  expires_at text COLLATE "C" NOT NULL
);
CREATE TABLE ended_sessions (sha256 text PRIMARY KEY, ended_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ended_sessions_by_time ON ended_sessions (ended_at);

CREATE TABLE nodes (
  node_id text PRIMARY KEY,
  name text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz NOT NULL,
  connections jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE ingest_requests (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  node_id text NOT NULL,
  received_at bigint NOT NULL,
  sender text NOT NULL,
  dialect text NOT NULL,
  records text NOT NULL
);
CREATE INDEX ingest_requests_by_node ON ingest_requests (node_id, id);
CREATE TABLE settings (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE sweeps (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), swept_at timestamptz NOT NULL);
CREATE UNLOGGED TABLE live_runs (
  run_id text COLLATE "C" PRIMARY KEY,
  node_id text NOT NULL,
  live text NOT NULL,
  progress text,
  version bigint NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE heartbeat (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), beats bigint NOT NULL);

DO $$ BEGIN
  ALTER TABLE bodies ALTER COLUMN body SET COMPRESSION lz4, ALTER COLUMN preview SET COMPRESSION lz4;
  ALTER TABLE turns ALTER COLUMN outline SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
  RAISE NOTICE 'this server was built without lz4';
END $$;
`

/**
 * Sort values of ended runs. They are null before the end, so that appends don't change indexed values and updates stay
 * HOT. The columns are generated, so that older nodes fill them, too. Agents' names are stored with the labels, as JSON
 * strings.
 */
const SORTS = `
ALTER TABLE runs
  ADD COLUMN by_last_seen bigint GENERATED ALWAYS AS (CASE WHEN status <> 0 THEN coalesce(last_turn_at, started_at) END) STORED,
  ADD COLUMN by_turns integer GENERATED ALWAYS AS (CASE WHEN status <> 0 THEN cursor END) STORED,
  ADD COLUMN by_errors bigint GENERATED ALWAYS AS (CASE WHEN status <> 0 THEN (totals->>'errors')::bigint END) STORED,
  ADD COLUMN by_cost double precision GENERATED ALWAYS AS (CASE WHEN status <> 0 THEN
    (totals->>'cost_usd')::double precision + coalesce((totals->>'estimated_cost_usd')::double precision, 0) END) STORED,
  ADD COLUMN by_tokens double precision GENERATED ALWAYS AS (CASE WHEN status <> 0 THEN
    (totals->>'input_tokens')::double precision + (totals->>'output_tokens')::double precision END) STORED,
  ADD COLUMN by_duration bigint GENERATED ALWAYS AS (CASE WHEN status <> 0 THEN ended_at - started_at END) STORED;
CREATE INDEX runs_by_last_seen ON runs (by_last_seen, started_at, run_id) INCLUDE (agent_id, status, outcome, failed, ended_at) WHERE by_last_seen IS NOT NULL;
CREATE INDEX runs_by_turns ON runs (by_turns, started_at, run_id) INCLUDE (agent_id, status, outcome, failed, ended_at) WHERE by_turns IS NOT NULL;
CREATE INDEX runs_by_errors ON runs (by_errors, started_at, run_id) INCLUDE (agent_id, status, outcome, failed, ended_at) WHERE by_errors IS NOT NULL;
CREATE INDEX runs_by_cost ON runs (by_cost, started_at, run_id) INCLUDE (agent_id, status, outcome, failed, ended_at) WHERE by_cost IS NOT NULL;
CREATE INDEX runs_by_tokens ON runs (by_tokens, started_at, run_id) INCLUDE (agent_id, status, outcome, failed, ended_at) WHERE by_tokens IS NOT NULL;
CREATE INDEX runs_by_duration ON runs (by_duration, started_at, run_id) INCLUDE (agent_id, status, outcome, failed, ended_at) WHERE by_duration IS NOT NULL;
INSERT INTO run_labels (label, run_no)
  SELECT to_json(lower((texts::json->>'agent_name') COLLATE "C"))::text, run_no FROM run_texts
  WHERE texts::json->>'agent_name' IS NOT NULL AND texts NOT LIKE '%\\u0000%'
  ON CONFLICT DO NOTHING;
`

/** Indexes everything again, in the background, because turns are split into words differently than before. */
const WORDS_AGAIN = `
DELETE FROM indexed_runs;
TRUNCATE turn_words;
`

/** Finds the runs that continue a run, because the run may be imported after them. The run's id is a JSON string. */
const CONTINUATIONS = `
ALTER TABLE runs ADD COLUMN continues text COLLATE "C";
UPDATE runs r SET continues = to_json(t.texts::json->'continues'->>'run_id')::text FROM run_texts t
  WHERE t.run_no = r.run_no AND t.texts LIKE '%"continues":%' AND t.texts NOT LIKE '%\\u0000%'
    AND t.texts::json->'continues'->>'run_id' IS NOT NULL;
CREATE INDEX runs_by_continues ON runs (continues, run_no) WHERE continues IS NOT NULL;
`

/** The migrations in order; the first brings an empty database to version 1. Never change one that has been released. */
export const MIGRATIONS: readonly string[] = [FIRST_SCHEMA, SORTS, WORDS_AGAIN, CONTINUATIONS]
