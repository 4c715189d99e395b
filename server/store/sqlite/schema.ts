/** The maximum number of turns of a run. A turn's key is `run_no * TURNS_PER_RUN + index`. */
export const TURNS_PER_RUN = 2 ** 20

/**
 * The columns that lists filter and sort by are in `runs`, which stays small; texts are JSON in `run_texts`. Times are
 * milliseconds since the epoch. `turns` is ordered by run, so that outlines are read without skipping over bodies.
 * `bodies` is ordered by arrival, because its pages would otherwise stay half empty with many concurrent runs.
 */
const FIRST_SCHEMA = `
CREATE TABLE runs (
  run_no INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  agent_id TEXT NOT NULL,
  start_key TEXT,
  status INTEGER NOT NULL,
  outcome TEXT,
  failed INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  parent TEXT,
  child_count INTEGER NOT NULL,
  cursor INTEGER NOT NULL,
  last_turn_at INTEGER,
  disconnected_at INTEGER,
  owner TEXT NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cost_usd REAL NOT NULL,
  errors INTEGER NOT NULL,
  duration_ms REAL NOT NULL
);
CREATE UNIQUE INDEX runs_by_start_key ON runs (agent_id, start_key) WHERE start_key IS NOT NULL;
CREATE INDEX runs_by_start ON runs (started_at, run_id, agent_id, status, outcome, failed, ended_at);
CREATE INDEX runs_by_status ON runs (status, started_at, run_id, agent_id);
CREATE INDEX runs_by_agent ON runs (agent_id, started_at, run_id, status, failed, ended_at);
CREATE INDEX runs_by_parent ON runs (parent, started_at, run_id) WHERE parent IS NOT NULL;
CREATE INDEX runs_by_end ON runs (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE run_texts (run_no INTEGER PRIMARY KEY, search TEXT NOT NULL, texts TEXT NOT NULL);
CREATE TABLE run_labels (label TEXT NOT NULL, run_no INTEGER NOT NULL, PRIMARY KEY (label, run_no)) WITHOUT ROWID;
CREATE INDEX run_labels_by_run ON run_labels (run_no);

CREATE TABLE turns (
  id INTEGER PRIMARY KEY,
  body_no INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  outline TEXT NOT NULL
);
CREATE TABLE bodies (body_no INTEGER PRIMARY KEY, preview TEXT, body TEXT NOT NULL);
CREATE TABLE batch_keys (
  run_no INTEGER NOT NULL,
  key TEXT NOT NULL,
  base_index INTEGER NOT NULL,
  count INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  PRIMARY KEY (run_no, key)
) WITHOUT ROWID;
CREATE TABLE deleted_runs (run_no INTEGER PRIMARY KEY);

CREATE TABLE tokens (
  added INTEGER PRIMARY KEY,
  token_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  revoked_at TEXT,
  token TEXT NOT NULL
);
CREATE INDEX tokens_by_name ON tokens (name);
CREATE TABLE sessions (
  sha256 TEXT PRIMARY KEY,
  token_id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE heartbeat (only INTEGER PRIMARY KEY CHECK (only = 1), beats INTEGER NOT NULL);
`

/**
 * An id that tells a database and its restored copies apart, so that a search index is only used with the database from
 * which it was created.
 */
const LINEAGE = `
CREATE TABLE lineage (only INTEGER PRIMARY KEY CHECK (only = 1), lineage TEXT NOT NULL);
INSERT INTO lineage VALUES (1, lower(hex(randomblob(16))));
`

const MORE_TOTALS = `
ALTER TABLE runs ADD COLUMN cached_input_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN reasoning_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN estimated_cost_usd REAL NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN unpriced_turns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN model_turns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN failed_exits INTEGER NOT NULL DEFAULT 0;
`

/** Retention starts when the server ends a run, because an imported run may have ended years before. */
const RETENTION = `
ALTER TABLE runs ADD COLUMN retained_from INTEGER;
UPDATE runs SET retained_from = ended_at;
DROP INDEX runs_by_end;
CREATE INDEX runs_by_retention ON runs (retained_from) WHERE retained_from IS NOT NULL;
`

/** Requests in foreign formats, stored until their runs have ended. With AUTOINCREMENT, ids are never used again. */
const INGEST = `
CREATE TABLE ingest_requests (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  received_at INTEGER NOT NULL,
  sender TEXT NOT NULL,
  dialect TEXT NOT NULL,
  records TEXT NOT NULL
);
`

/** The usage of each model response of a run, because turns that share a response count it once. */
const RESPONSES = `
CREATE TABLE responses (
  run_no INTEGER NOT NULL,
  response_id TEXT NOT NULL,
  usage TEXT NOT NULL,
  PRIMARY KEY (run_no, response_id)
) WITHOUT ROWID;
`

/**
 * Indexes for sorted lists. They contain only ended runs, so that appends, which change these values, don't have to
 * update the indexes. The columns after `run_id` are for filters. Agents' names are stored with the labels, as JSON
 * strings.
 */
const SORTS = `
CREATE INDEX runs_by_last_seen ON runs (coalesce(last_turn_at, started_at), started_at, run_id, agent_id, status, outcome, failed, ended_at) WHERE status <> 0;
CREATE INDEX runs_by_turns ON runs (cursor, started_at, run_id, agent_id, status, outcome, failed, ended_at) WHERE status <> 0;
CREATE INDEX runs_by_errors ON runs (errors, started_at, run_id, agent_id, status, outcome, failed, ended_at) WHERE status <> 0;
CREATE INDEX runs_by_cost ON runs (cost_usd + estimated_cost_usd, started_at, run_id, agent_id, status, outcome, failed, ended_at) WHERE status <> 0;
CREATE INDEX runs_by_tokens ON runs (input_tokens + output_tokens, started_at, run_id, agent_id, status, outcome, failed, ended_at) WHERE status <> 0;
CREATE INDEX runs_by_duration ON runs (ended_at - started_at, started_at, run_id, agent_id, status, outcome, failed, ended_at) WHERE status <> 0;
INSERT OR IGNORE INTO run_labels (label, run_no)
  SELECT json_quote(lower(json_extract(texts, '$.agent_name'))), run_no FROM run_texts
  WHERE json_extract(texts, '$.agent_name') IS NOT NULL;
`

/** Finds the runs that continue a run, because the run may be imported after them. The run's id is a JSON string. */
const CONTINUATIONS = `
ALTER TABLE runs ADD COLUMN continues TEXT;
UPDATE runs SET continues = json_quote(t.earlier)
  FROM (SELECT run_no, json_extract(texts, '$.continues.run_id') AS earlier FROM run_texts WHERE texts LIKE '%"continues":%') t
  WHERE t.run_no = runs.run_no AND t.earlier IS NOT NULL;
CREATE INDEX runs_by_continues ON runs (continues) WHERE continues IS NOT NULL;
`

/** The migrations in order; the first brings an empty database to version 1. Never change one that has been released. */
export const MIGRATIONS: readonly string[] = [
  FIRST_SCHEMA,
  LINEAGE,
  MORE_TOTALS,
  RETENTION,
  INGEST,
  RESPONSES,
  SORTS,
  CONTINUATIONS,
]
