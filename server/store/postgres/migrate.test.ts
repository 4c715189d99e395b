import { Client } from "pg"
import { afterEach, expect, test, vi } from "vitest"
import { DatabaseNewerError, DatabaseNotDurableError } from "@/server/store/errors"
import { StoreUnavailableError } from "@/server/store/RunStore"
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

  test("T8: nodes that start together on an empty database make it once", async () => {
    const url = await databases.create()
    const stores = await Promise.all([open(url), open(url), open(url)])
    const { row } = await stores[0]!.start(aNewRun())
    expect(await stores[2]!.get(row.run_id)).toEqual(row)
  })

  test("T8: a database of a later version is refused in a sentence that names both versions", async () => {
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

  test("a database that isn't there is unavailable", async () => {
    await expect(openPostgresRunStore({ url: "postgres://nobody@127.0.0.1:1/none" })).rejects.toThrow(
      StoreUnavailableError,
    )
  })

  test("partitions for now and the next weeks are there, and missing ones are made", async () => {
    const url = await databases.create()
    await open(url)
    const client = await connect(url)
    const before = await listPartitions(client)
    const last = before.filter(({ parent }) => parent === "turns").sort((a, b) => b.fromDay - a.fromDay)[0]
    await client.query(`DROP TABLE ${last?.name}`)
    expect(await extendPartitions(client)).toBeGreaterThan(14)
    expect(await listPartitions(client)).toHaveLength(before.length)
  })

  test("S20: a deleted run's turns, keys and words are gone from every table", async () => {
    const url = await databases.create()
    const store = await open(url)
    const { row } = await store.start(aNewRun())
    const { run_id } = row
    await store.append(aBatch(run_id, ["a secret"], { idempotency_key: "batch-key" }))
    const client = await connect(url)
    const rowsIn = async (table: string) =>
      Number((await client.query<{ count: string }>(`SELECT count(*) FROM ${table}`)).rows[0]?.count)
    await vi.waitFor(async () => expect(await rowsIn("turn_words")).toBe(1), { timeout: 30_000 })
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
    await vi.waitFor(emptied, { timeout: 30_000 })
  })

  test("a past partition in which no run is left is dropped whole", async () => {
    const url = await databases.create()
    const store = await open(url)
    const { row } = await store.start(aNewRun())
    await store.append(aBatch(row.run_id, ["old"]))
    const client = await connect(url)
    // As if the run had been stored three weeks ago.
    await client.query("UPDATE runs SET day = day - 21")
    for (const table of ["turns", "bodies"]) {
      await client.query(`CREATE TABLE ${table}_old (LIKE ${table} INCLUDING ALL)`)
      await client.query(
        `WITH moved AS (DELETE FROM ${table} RETURNING *) INSERT INTO ${table}_old SELECT * FROM moved`,
      )
      await client.query(`UPDATE ${table}_old SET day = day - 21`)
      await client.query(
        `DO $$ BEGIN EXECUTE format('ALTER TABLE ${table} ATTACH PARTITION ${table}_old FOR VALUES FROM (%s) TO (%s)',
          (SELECT day FROM runs), (SELECT day + 1 FROM runs)); END $$`,
      )
    }
    await store.abandon({ run_id: row.run_id, owner: row.owner, ended_at: "2026-01-02T04:00:00.000Z" })
    expect(await store.deleteEndedBefore("2026-02-01T00:00:00.000Z", 10)).toEqual([row.run_id])
    await vi.waitFor(
      async () => {
        const names = (await listPartitions(client)).map(({ name }) => name)
        expect(names.filter((name) => name.endsWith("_old"))).toEqual([])
      },
      { timeout: 30_000 },
    )
  })
})
