import { Client, Pool } from "pg"
import { pino } from "pino"
import { expect, test, vi } from "vitest"
import { fakeClock } from "@/lib/testing/fakeClock"
import { systemClock } from "@/server/platform/Clock"
import { openPostgresRunStore } from "@/server/store/postgres/PostgresRunStore"
import { listPartitions } from "@/server/store/postgres/partitions"
import { describeWithPostgres } from "@/server/store/postgres/testing/describeWithPostgres"
import { Sweeper } from "./Sweeper"

const HOUR_MS = 3_600_000

describeWithPostgres("the sweeper", (databases) => {
  test("creates missing partitions within an hour", async () => {
    const url = await databases.create()
    const store = await openPostgresRunStore({ url })
    const client = new Client({ connectionString: url })
    await client.connect()
    const pool = new Pool({ connectionString: url, max: 2 })
    try {
      const before = await listPartitions(client)
      const last = before.filter(({ parent }) => parent === "turns").sort((a, b) => b.fromDay - a.fromDay)[0]
      await client.query(`DROP TABLE ${last?.name}`)
      const clock = fakeClock()
      const logger = pino({ level: "silent" })
      const sweeper = new Sweeper({ pool, store, clock, logger, leaseMs: 4_000, graceMs: 30_000 })
      await sweeper.sweep()
      expect((await listPartitions(client)).length).toBe(before.length - 1)
      clock.advance(HOUR_MS)
      await sweeper.sweep()
      expect((await listPartitions(client)).length).toBe(before.length)
    } finally {
      await client.end()
      await pool.end()
      await store.close()
    }
  })

  test("I25: a lost node is released even if leases are as short as allowed", async () => {
    const url = await databases.create()
    const store = await openPostgresRunStore({ url })
    const pool = new Pool({ connectionString: url, max: 2 })
    const logger = pino({ level: "silent" })
    const sweeper = new Sweeper({
      ...{ pool, store, clock: systemClock, logger, leaseMs: 1_000, graceMs: 30_000 },
    })
    try {
      await pool.query("INSERT INTO nodes (node_id, name, lease_until) VALUES ('gone', 'gone', now())")
      sweeper.open({ onChange: () => {}, onEnd: () => {}, onDiscard: () => {} })
      const nodes = async () => (await pool.query("SELECT 1 FROM nodes")).rowCount
      await vi.waitUntil(async () => (await nodes()) === 0, { timeout: 30_000 })
    } finally {
      await sweeper.close()
      await pool.end()
      await store.close()
    }
  })
})
