import { RUN_COLUMNS } from "@/server/store/postgres/runRow"
import { CONTINUATIONS } from "@/server/store/runTransitions"

/**
 * The statements of a write round. All rounds lock rows in the same order, so they can't deadlock. Data that a round reads
 * after locking can't change before its commit.
 */

const LOCKED = `SELECT ${RUN_COLUMNS}, r.day, r.owner_node, r.owner_epoch, r.texts_version,
  r.grace_ends_at < now(), floor(extract(epoch FROM now()) * 1000)::bigint FROM runs r`

/** Locks runs by id. */
export const LOCK_RUNS = `${LOCKED} WHERE r.run_id = ANY($1::text[]) ORDER BY r.run_no FOR NO KEY UPDATE`

/** Locks runs by id, skipping those that another transaction has locked. */
export const LOCK_FREE_RUNS = `${LOCK_RUNS} SKIP LOCKED`

/**
 * Checks that a node's lease is valid for the whole round, which is expected to take less than `$2` ms. If the round
 * takes longer, because it waits for locks, the lock on the node lets the round end before the node's runs are released.
 */
export const CHECK_LEASE = `SELECT 1 FROM nodes WHERE node_id = $1
  AND lease_until > clock_timestamp() + $2 * interval '1 millisecond' FOR KEY SHARE`

/** Selects the ids of runs that exist. */
export const EXISTING_RUNS = "SELECT run_id FROM runs WHERE run_id = ANY($1::text[])"

/** Selects runs by agent and start key. */
export const RUNS_BY_KEY = `SELECT r.run_id, k.ordinal FROM unnest($1::text[], $2::text[]) WITH ORDINALITY k(agent_id, start_key, ordinal)
  JOIN runs r ON r.agent_id = k.agent_id AND r.start_key = k.start_key`

export const RUN_TEXTS = `SELECT r.run_id, t.version, t.texts FROM runs r JOIN run_texts t ON t.run_no = r.run_no
  WHERE r.run_id = ANY($1::text[])`

/** Counts existing children of new runs. */
export const COUNT_CHILDREN =
  "SELECT parent, count(*) FROM runs WHERE parent = ANY($1::text[]) GROUP BY parent"

/** Selects the newest runs that continue imported runs. */
export const CONTINUATIONS_OF = `SELECT i.earlier, c.run_id, c.agent_id FROM unnest($1::text[]) i(earlier)
  CROSS JOIN LATERAL (SELECT run_no, run_id, agent_id FROM runs WHERE continues = i.earlier
    ORDER BY run_no DESC LIMIT ${CONTINUATIONS}) c ORDER BY c.run_no DESC`

/**
 * Selects batches by run and key. `OFFSET 0` keeps the planner from merging the subquery into the join: without statistics,
 * as in a new partition, it would read all keys of a run to find one of them.
 */
export const STORED_BATCHES = `SELECT k.ordinal, b.base_index, b.count, b.recorded_at
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY k(run_id, key, ordinal)
  JOIN runs r ON r.run_id = k.run_id
  CROSS JOIN LATERAL (SELECT base_index, count, recorded_at FROM batch_keys
    WHERE day = r.day AND run_no = r.run_no AND key = k.key OFFSET 0) b`

/** Parameters 2 to 12, and the names of their columns (`HOT_NAMES`), in the order of `hotArrays`. */
const HOT_VALUES = `$2::integer[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::text[],
  $10::boolean[], $11::text[], $12::text[]`
const HOT_NAMES =
  "cursor, child_count, last_turn_at, disconnected_at, owner, totals, status, outcome, failed, ended_at, retained_from"

/** Inserts runs with their texts and labels. Fails if another node has inserted the same key in the meantime. */
export const INSERT_RUNS = `WITH given AS (
    SELECT * FROM unnest($1::text[], ${HOT_VALUES}, $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[],
      $19::text[], $22::bigint[], $23::text[])
      g(run_id, ${HOT_NAMES}, agent_id, start_key, started_at, parent, owner_node, search, texts, grace_ms, continues)
  ), stored AS (
    INSERT INTO runs (run_id, agent_id, start_key, status, outcome, failed, started_at, ended_at, retained_from, parent, child_count, cursor,
      last_turn_at, disconnected_at, owner, owner_node, totals, grace_ms, continues)
    SELECT run_id, agent_id, start_key, status, outcome, failed, started_at::bigint, ended_at::bigint, retained_from::bigint, parent, child_count, cursor,
      last_turn_at::bigint, disconnected_at::bigint, owner, owner_node, totals::jsonb, grace_ms, continues FROM given
    RETURNING run_no, run_id
  ), texts AS (
    INSERT INTO run_texts (run_no, version, search, texts)
    SELECT s.run_no, 1, g.search, g.texts FROM stored s JOIN given g USING (run_id)
  )
  INSERT INTO run_labels (label, run_no)
  SELECT l.label, s.run_no FROM unnest($20::text[], $21::text[]) l(run_id, label) JOIN stored s USING (run_id)`

export const INSERT_TURNS = `WITH outlines AS (
    INSERT INTO turns (day, run_no, idx, recorded_at, outline)
    SELECT * FROM unnest($1::integer[], $2::bigint[], $3::integer[], $4::bigint[], $5::text[])
  )
  INSERT INTO bodies (day, run_no, idx, recorded_at, preview, body)
  SELECT * FROM unnest($1::integer[], $2::bigint[], $3::integer[], $4::bigint[], $6::text[], $7::text[])`

export const INSERT_KEYS = `INSERT INTO batch_keys (day, run_no, key, base_index, count, recorded_at)
  SELECT * FROM unnest($1::integer[], $2::bigint[], $3::text[], $4::integer[], $5::integer[], $6::bigint[])`

/** Updates locked runs. `grace_ms`: null keeps the deadline, a negative number clears it. */
export const UPDATE_RUNS = `UPDATE runs r SET cursor = h.cursor, child_count = h.child_count, last_turn_at = h.last_turn_at::bigint,
    disconnected_at = h.disconnected_at::bigint, owner = h.owner, totals = h.totals::jsonb, status = h.status, outcome = h.outcome,
    failed = h.failed, ended_at = h.ended_at::bigint, retained_from = h.retained_from::bigint, owner_node = h.owner_node, owner_epoch = h.owner_epoch,
    texts_version = h.texts_version,
    grace_ends_at = CASE WHEN h.grace_ms IS NULL THEN r.grace_ends_at WHEN h.grace_ms < 0 THEN NULL
      ELSE now() + h.grace_ms * interval '1 millisecond' END
  FROM unnest($1::bigint[], ${HOT_VALUES}, $13::text[], $14::integer[], $15::integer[], $16::bigint[])
    h(run_no, ${HOT_NAMES}, owner_node, owner_epoch, texts_version, grace_ms)
  WHERE r.run_no = h.run_no`

/** Updates the texts of runs. */
export const UPDATE_TEXTS = `UPDATE run_texts t SET version = n.version, search = n.search, texts = n.texts
  FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::text[]) n(run_no, version, search, texts) WHERE t.run_no = n.run_no`

/** Replaces the labels of runs. */
export const REPLACE_LABELS = `WITH old AS (DELETE FROM run_labels l WHERE l.run_no = ANY($1::bigint[])
    AND NOT EXISTS (SELECT 1 FROM unnest($2::bigint[], $3::text[]) n(run_no, label) WHERE n.run_no = l.run_no AND n.label = l.label))
  INSERT INTO run_labels (run_no, label) SELECT * FROM unnest($2::bigint[], $3::text[]) ON CONFLICT DO NOTHING`

/** Changes the number of children of runs that this round hasn't locked. */
export const ADD_CHILDREN = `UPDATE runs r SET child_count = r.child_count + c.more
  FROM unnest($1::text[], $2::integer[]) c(run_id, more) WHERE r.run_id = c.run_id`

/** Deletes runs. Their turns are swept later, because deleting the turns of a long run would delay the commit. */
export const DELETE_RUNS = `WITH gone AS (DELETE FROM runs WHERE run_no = ANY($1::bigint[]) RETURNING run_no, day),
  texts AS (DELETE FROM run_texts WHERE run_no = ANY($1::bigint[])),
  labels AS (DELETE FROM run_labels WHERE run_no = ANY($1::bigint[]))
  INSERT INTO deleted_runs (run_no, day, expired) SELECT run_no, day, $2 FROM gone`

/** Selects the usage of responses. `OFFSET 0` has the same reason as in `STORED_BATCHES`. */
export const RESPONSES = `SELECT k.ordinal, b.usage
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY k(run_id, response_id, ordinal)
  JOIN runs r ON r.run_id = k.run_id
  CROSS JOIN LATERAL (SELECT usage FROM responses
    WHERE day = r.day AND run_no = r.run_no AND response_id = k.response_id OFFSET 0) b`

export const PUT_RESPONSES = `INSERT INTO responses (day, run_no, response_id, usage)
  SELECT * FROM unnest($1::integer[], $2::bigint[], $3::text[], $4::text[])
  ON CONFLICT (day, run_no, response_id) DO UPDATE SET usage = excluded.usage`

/** A dummy write, to check that commits succeed. */
export const BEAT = `INSERT INTO heartbeat (beats) VALUES (1) ON CONFLICT (only_row) DO UPDATE SET beats = heartbeat.beats + 1`
