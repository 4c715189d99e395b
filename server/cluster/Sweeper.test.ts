import { Client, Pool } from "pg"
import { pino } from "pino"
import { expect, test, vi } from "vitest"
import { DatabaseWire } from "@/e2e/cluster/fuzz/DatabaseWire"
import { eventually } from "@/lib/testing/eventually"
import { fakeClock } from "@/lib/testing/fakeClock"
import { systemClock } from "@/server/platform/Clock"
import { connectWriter } from "@/server/store/postgres/Connection"
import { openPostgresRunStore } from "@/server/store/postgres/PostgresRunStore"
import { listPartitions } from "@/server/store/postgres/partitions"
import { describeWithPostgres } from "@/server/store/postgres/testing/describeWithPostgres"
import { PostgresWriter } from "@/server/store/postgres/write/PostgresWriter"
import { aNewRun } from "@/server/store/testing/storeSamples"
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

  test("I25: releases a run that a lost node starts in a round that outlives its lease", async () => {
    const url = await databases.create()
    const store = await openPostgresRunStore({ url })
    const pool = new Pool({ connectionString: url, max: 3 })
    const wire = await DatabaseWire.open(url)
    const writer = new PostgresWriter(() => connectWriter({ url: wire.url, applicationName: "late" }))
    writer.node = { id: "late", graceMs: 30_000, roundMs: 1_000, onLeaseExpired: () => {} }
    const clock = fakeClock()
    const logger = pino({ level: "silent" })
    const sweeper = new Sweeper({ pool, store, clock, logger, leaseMs: 120_000, graceMs: 30_000 })
    try {
      await pool.query(
        "INSERT INTO nodes (node_id, name, lease_until) VALUES ('late', 'late', now() + interval '1 minute')",
      )
      await sweeper.sweep()
      const run = aNewRun()
      let isApplied = false
      const starting = writer.write({
        ...{ runIds: [], starts: run.run_id, bytes: 0 },
        apply: (round) => {
          isApplied = true
          wire.hold()
          return round.start(run)
        },
      })
      await eventually(() => expect(isApplied).toBe(true))
      await pool.query("UPDATE nodes SET lease_until = now() - interval '1 second'")
      let isSwept = false
      const sweeping = sweeper.sweep().finally(() => {
        isSwept = true
      })
      const waiting =
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM nodes%'"
      await eventually(async () => expect(isSwept || (await pool.query(waiting)).rowCount === 1).toBe(true))
      wire.release()
      await Promise.all([starting, sweeping])
      const { rows } = await pool.query("SELECT owner_node, grace_ends_at FROM runs")
      expect(rows).toEqual([{ owner_node: null, grace_ends_at: expect.any(Date) }])
    } finally {
      await writer.close()
      await wire.close()
      await pool.end()
      await store.close()
    }
  })
})
