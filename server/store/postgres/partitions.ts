import type { ClientBase } from "pg"
import { PARTITIONED_TABLES } from "./schema"

/** The number of days that a new partition covers. Existing partitions may cover other ranges. */
const DAYS_PER_PARTITION = 7
/** The number of partitions to create after the current one. */
const PARTITIONS_AHEAD = 2

const TODAY = "SELECT floor(extract(epoch FROM now()) / 86400)::integer AS day"
const PARTITIONS = `SELECT p.relname AS parent, c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds,
    i.inhdetachpending AS detaching
  FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
  WHERE p.relnamespace = current_schema()::regnamespace AND p.relname = ANY($1)`
/** Selects former partitions that were detached but not dropped, because the sweep was interrupted. */
const DETACHED = `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
  AND c.relkind = 'r' AND NOT c.relispartition AND c.relname ~ $1`

export type Partition = {
  parent: string
  name: string
  fromDay: number
  toDay: number
  /** True if detaching this partition was interrupted and must be finished. */
  isDetaching: boolean
}

/** Returns all partitions of the partitioned tables. */
export async function listPartitions(client: ClientBase): Promise<Partition[]> {
  const { rows } = await client.query<{
    parent: string
    name: string
    bounds: string
    detaching: boolean
  }>(PARTITIONS, [[...PARTITIONED_TABLES]])
  return rows.flatMap(({ parent, name, bounds, detaching: isDetaching }) => {
    const [, from, to] = /FROM \('?(-?\d+)'?\) TO \('?(-?\d+)'?\)/.exec(bounds) ?? []
    return from === undefined || to === undefined
      ? []
      : [{ parent, name, fromDay: Number(from), toDay: Number(to), isDetaching }]
  })
}

/** Returns the names of tables that were detached, but not dropped. */
export async function listDetached(client: ClientBase): Promise<string[]> {
  const pattern = `^(${PARTITIONED_TABLES.join("|")})_[0-9]+$`
  return (await client.query<{ name: string }>(DETACHED, [pattern])).rows.map(({ name }) => name)
}

/**
 * Creates missing partitions for the current and the next weeks. Attaching a partition doesn't block writers. The
 * caller must hold a lock, because two nodes could otherwise create the same table.
 *
 * @returns the number of days ahead for which every table has partitions.
 */
export async function makePartitionsAhead(client: ClientBase): Promise<number> {
  const today: number = (await client.query<{ day: number }>(TODAY)).rows[0]?.day ?? 0
  const existing = await listPartitions(client)
  const first = today - (today % DAYS_PER_PARTITION)
  for (const table of PARTITIONED_TABLES) {
    for (let ahead = 0; ahead <= PARTITIONS_AHEAD; ahead++) {
      const from = first + ahead * DAYS_PER_PARTITION
      const to = from + DAYS_PER_PARTITION
      const covered = existing.some((it) => it.parent === table && it.fromDay < to && from < it.toDay)
      if (!covered) await makePartition(client, table, from, to)
    }
  }
  const after = await listPartitions(client)
  const ends = PARTITIONED_TABLES.map((table) => coveredUntil(after, table, today))
  return Math.min(...ends) - today
}

async function makePartition(client: ClientBase, table: string, from: number, to: number): Promise<void> {
  const name = `${table}_${from}`
  await client.query(`CREATE TABLE IF NOT EXISTS ${name} (LIKE ${table} INCLUDING ALL)`)
  await client.query(`ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM (${from}) TO (${to})`)
}

/** Returns the first day, starting with `day`, that no partition of a table covers. */
function coveredUntil(partitions: readonly Partition[], table: string, day: number): number {
  let until = day
  for (;;) {
    const next = partitions.find((it) => it.parent === table && it.fromDay <= until && until < it.toDay)
    if (next === undefined) return until
    until = next.toDay
  }
}
