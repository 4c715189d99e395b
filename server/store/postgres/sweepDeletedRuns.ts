import type { Client } from "pg"
import { listDetached, listPartitions } from "./partitions"

/** The number of runs whose turns are deleted per transaction. */
const RUNS_PER_PASS = 20
/**
 * How long turns of expired runs are kept before they are deleted row by row. Their whole partition may become empty in
 * the meantime, and dropping a partition is much cheaper.
 */
const PARTITION_WAIT = "2 days"

/** Claims deleted runs whose turns must be deleted row by row. */
const TAKE = `DELETE FROM deleted_runs d USING (
    SELECT run_no, day FROM deleted_runs WHERE NOT expired OR deleted_at < now() - interval '${PARTITION_WAIT}'
    ORDER BY run_no LIMIT ${RUNS_PER_PASS} FOR UPDATE SKIP LOCKED) t
  WHERE d.run_no = t.run_no RETURNING t.run_no, t.day`
const DELETE_ROWS = (
  table: string,
) => `DELETE FROM ${table} t USING unnest($1::bigint[], $2::integer[]) g(run_no, day)
  WHERE t.day = g.day AND t.run_no = g.run_no`
const DAYS_IN_USE = "SELECT 1 FROM runs WHERE day >= $1 AND day < $2 LIMIT 1"
const TODAY = "SELECT floor(extract(epoch FROM now()) / 86400)::integer"

/**
 * Deletes the turns, keys and words of deleted runs, and drops past partitions that no run uses.
 *
 * @param connect opens a connection on which no statement times out.
 * @returns true if there is more to do.
 */
export async function sweepDeletedRuns(connect: () => Promise<Client>): Promise<boolean> {
  const client = await connect()
  try {
    await dropEmptyPartitions(client)
    return await deleteTurns(client)
  } finally {
    await client.end().catch(() => {})
  }
}

async function deleteTurns(client: Client): Promise<boolean> {
  await client.query("BEGIN")
  try {
    const { rows } = await client.query<{ run_no: number; day: number }>(TAKE)
    const values = [rows.map((row) => row.run_no), rows.map((row) => row.day)]
    if (rows.length > 0) {
      for (const table of ["turns", "bodies", "batch_keys", "responses", "turn_words"])
        await client.query(DELETE_ROWS(table), values)
      await client.query("DELETE FROM indexed_runs WHERE run_no = ANY($1)", [values[0]])
    }
    await client.query("COMMIT")
    return rows.length === RUNS_PER_PASS
  } catch (error) {
    await client.query("ROLLBACK")
    throw error
  }
}

async function dropEmptyPartitions(client: Client): Promise<void> {
  const today = Number((await client.query<number[]>({ text: TODAY, rowMode: "array" })).rows[0]?.[0] ?? 0)
  const past = (await listPartitions(client)).filter(({ toDay }) => toDay < today)
  for (const { parent, name, fromDay, toDay, isDetaching } of past) {
    const { rowCount } = await client.query(DAYS_IN_USE, [fromDay, toDay])
    if (rowCount !== 0) continue
    // Detaches first, because dropping an attached partition waits for all readers of the table and blocks writers in the
    // meantime. Detaching only waits for the partition's readers and doesn't block anything.
    const how = isDetaching ? "FINALIZE" : "CONCURRENTLY"
    await client.query(`ALTER TABLE ${parent} DETACH PARTITION ${name} ${how}`)
    await client.query(`DROP TABLE ${name}`)
    await client.query("DELETE FROM deleted_runs WHERE day >= $1 AND day < $2", [fromDay, toDay])
  }
  for (const name of await listDetached(client)) await client.query(`DROP TABLE IF EXISTS ${name}`)
}
