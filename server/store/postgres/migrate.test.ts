import { Client } from "pg"
import { afterEach, expect, test } from "vitest"
import { eventually } from "@/lib/testing/eventually"
import { DatabaseNewerError, DatabaseNotDurableError } from "@/server/store/errors"
import type { RunRow } from "@/server/store/RunStore"
import { aBatch, aNewRun } from "@/server/store/testing/storeSamples"
import { extendPartitions } from "./migrate"
import { openPostgresRunStore, type PostgresRunStore } from "./PostgresRunStore"
import { listPartitions } from "./partitions"
import { describeWithPostgres } from "./testing/describeWithPostgres"

describeWithPostgres("the schema in PostgreSQL", (databases) => {
  const opened: PostgresRunStore[] = []
  const clients: Client[] = []
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
    for (const client of clients.splice(0)) await client.end()
  })
  const open = async (url: string) => {
    const store = await openPostgresRunStore({ url })
    opened.push(store)
    return store
  }
  const connect = async (url: string) => {
    const client = new Client({ connectionString: url })
    await client.connect()
    clients.push(client)
    return client
  }

  test("T8: if nodes start together on an empty database, its schema is created once", async () => {
    const url = await databases.create()
    const stores = await Promise.all([open(url), open(url), open(url)])
    const { row } = await stores[0]!.start(aNewRun())
    expect(await stores[2]!.get(row.run_id)).toEqual(row)
  })

  test("T8: a database of a later version is refused with a message that names both versions", async () => {
    const url = await databases.create()
    await open(url)
    const client = await connect(url)
    await client.query("UPDATE schema_version SET version = 99")
    await expect(openPostgresRunStore({ url })).rejects.toThrow(DatabaseNewerError)
    await expect(openPostgresRunStore({ url })).rejects.toThrow(/version 99, .* up to \d/)
  })

  test("I2: a database that may lose commits is refused unless that is allowed", async () => {
    const url = await databases.create()
    const weak = `${url}%20-csynchronous_commit%3Doff`
    await expect(openPostgresRunStore({ url: weak })).rejects.toThrow(DatabaseNotDurableError)
    const store = await openPostgresRunStore({ url: weak, allowAsyncCommit: true })
    opened.push(store)
    expect(await store.healthy()).toBe(true)
  })

  test("a run that an older run continues is linked when it is imported", async () => {
    const url = await databases.create()
    const store = await open(url)
    const later = await store.start(aNewRun({ continues: { run_id: "earlier" } }))
    await store.start(aNewRun({ intent: 'a "continues": b' }))
    const client = await connect(url)
    // As before the migration.
    await client.query("ALTER TABLE runs DROP COLUMN continues")
    await client.query("UPDATE schema_version SET version = 3")
    const upgraded = await open(url)
    const { row } = await upgraded.startImport(aNewRun({ run_id: "earlier", imported: true }))
    expect(row.continued_by).toEqual({ run_id: later.row.run_id })
  })

  test("partitions for the current and the next weeks exist, and missing ones are created", async () => {
    const url = await databases.create()
    await open(url)
    const client = await connect(url)
    const before = await listPartitions(client)
    const last = before.filter(({ parent }) => parent === "turns").sort((a, b) => b.fromDay - a.fromDay)[0]
    await client.query(`DROP TABLE ${last?.name}`)
    expect(await extendPartitions(client)).toBeGreaterThan(14)
    expect(await listPartitions(client)).toHaveLength(before.length)
  })

  test("S20: a deleted run's turns, keys and words are deleted from every table", async () => {
    const url = await databases.create()
    const store = await open(url)
    const { row } = await store.start(aNewRun())
    const { run_id } = row
    await store.append(aBatch(run_id, ["a secret"], { idempotency_key: "batch-key" }))
    const client = await connect(url)
    const rowsIn = async (table: string) =>
      Number((await client.query<{ count: string }>(`SELECT count(*) FROM ${table}`)).rows[0]?.count)
    await eventually(async () => expect(await rowsIn("turn_words")).toBe(1))
    await store.abandon({ run_id, owner: row.owner, ended_at: "2026-01-02T04:00:00.000Z" })
    await store.delete({ run_id, readers: ["*"] })
    const tables = [
      "turns",
      "bodies",
      "batch_keys",
      "turn_words",
      "indexed_runs",
      "deleted_runs",
      "run_texts",
    ]
    const emptied = async () => {
      for (const table of tables) expect([table, await rowsIn(table)]).toEqual([table, 0])
    }
    await eventually(emptied)
  })

  /** Creates a run whose turns and bodies are in partitions from three weeks ago. */
  async function anOldRun(store: PostgresRunStore, client: Client): Promise<RunRow> {
    const { row } = await store.start(aNewRun())
    await store.append(aBatch(row.run_id, ["old"]))
    await client.query("UPDATE runs SET day = day - 21")
    const { rows } = await client.query<{ day: number }>("SELECT day FROM runs")
    const day = rows[0]?.day ?? 0
    for (const table of ["turns", "bodies"]) {
      const old = `${table}_${day}`
      // In one transaction, as in the store, because the sweep drops tables that aren't attached.
      await client.query("BEGIN")
      await client.query(`CREATE TABLE ${old} (LIKE ${table} INCLUDING ALL)`)
      await client.query(
        `WITH moved AS (DELETE FROM ${table} RETURNING *) INSERT INTO ${old} SELECT * FROM moved`,
      )
      await client.query(`UPDATE ${old} SET day = day - 21`)
      await client.query(
        `ALTER TABLE ${table} ATTACH PARTITION ${old} FOR VALUES FROM (${day}) TO (${day + 1})`,
      )
      await client.query("COMMIT")
    }
    await store.abandon({ run_id: row.run_id, owner: row.owner, ended_at: "2026-01-02T04:00:00.000Z" })
    return row
  }
  const oldTables = async (client: Client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
        AND substring(c.relname from '^(?:turns|bodies)_([0-9]+)$')::integer < extract(epoch FROM now()) / 86400 - 20`,
    )
    return rows.map(({ name }) => name)
  }
  const untilDropped = (client: Client) =>
    eventually(async () => expect(await oldTables(client)).toEqual([]), 100)

  test("a past partition without runs is dropped", async () => {
    const url = await databases.create()
    await (await open(url)).close()
    opened.splice(0)
    const client = await connect(url)
    await client.query("CREATE TABLE turns_1 (LIKE turns)")
    const store = await open(url)
    // The sweep after opening drops this table last. Once it is gone, only the deletion starts another sweep.
    await untilDropped(client)
    const { run_id } = await anOldRun(store, client)
    expect(await oldTables(client)).toHaveLength(2)
    expect(await store.deleteEndedBefore("2026-02-01T00:00:00.000Z", 10)).toEqual([run_id])
    await untilDropped(client)
  })

  test("a partition whose removal was interrupted is removed later", async () => {
    const url = await databases.create()
    const [store, client, reader] = [await open(url), await connect(url), await connect(url)]
    await anOldRun(store, client)
    const [first, second] = await oldTables(client)
    await store.close()
    opened.splice(0)
    await client.query("DELETE FROM runs")
    // Leaves one partition only partly detached, because a reader blocks it, and the other detached, but not dropped.
    await reader.query("BEGIN")
    await reader.query(`SELECT 1 FROM ${first}`)
    await client.query("SET lock_timeout = 100")
    const parentOf = (name = "") => name.replace(/_.*/, "")
    await expect(
      client.query(`ALTER TABLE ${parentOf(first)} DETACH PARTITION ${first} CONCURRENTLY`),
    ).rejects.toThrow(/lock timeout/)
    await client.query(`ALTER TABLE ${parentOf(second)} DETACH PARTITION ${second}`)
    await reader.query("COMMIT")
    await open(url)
    await untilDropped(client)
  })
})
