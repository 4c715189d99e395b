import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Client } from "pg"
import { afterEach, beforeEach, expect, test } from "vitest"
import { DataDirInUseError } from "@/server/store/errors"
import { PostgresAccessStore } from "@/server/store/postgres/PostgresAccessStore"
import { PostgresIngestStore } from "@/server/store/postgres/PostgresIngestStore"
import { openPostgresRunStore } from "@/server/store/postgres/PostgresRunStore"
import { describeWithPostgres } from "@/server/store/postgres/testing/describeWithPostgres"
import { NO_TOTALS } from "@/server/store/runTransitions"
import { SqliteAccessStore } from "@/server/store/sqlite/access/SqliteAccessStore"
import { SqliteIngestStore } from "@/server/store/sqlite/ingest/SqliteIngestStore"
import { openSqliteRunStore } from "@/server/store/sqlite/SqliteRunStore"
import { aToken } from "@/server/store/testing/describeAccessStore"
import { aBatch, aNewRun, anEncodedTurn, aQuery } from "@/server/store/testing/storeSamples"
import { migrateStore } from "./migrateStore"

describeWithPostgres("migrateStore", (databases) => {
  let dir = ""
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "turnline-migrate-"))
  })
  afterEach(() => rmSync(dir, { recursive: true }))
  const file = () => join(dir, "turnline.db")

  async function fill() {
    const store = await openSqliteRunStore({ file: file() })
    const odd = '\0 \uD800 "quote" 漢字'
    const parent = (await store.start(aNewRun({ intent: odd, labels: { [odd]: odd } }))).row
    const child = (
      await store.start(aNewRun({ parent: { run_id: parent.run_id }, idempotency_key: "start-key" }))
    ).row
    const turns = Array.from({ length: 450 }, (_, at) =>
      anEncodedTurn(`turn ${at} é`, at % 3 === 0 ? { preview: '{"cut":1}' } : {}),
    )
    await store.append(aBatch(child.run_id, [], { turns, idempotency_key: "batch-key" }))
    const outcome = { status: "failure" as const, summary: odd }
    await store.complete({
      ...{ run_id: child.run_id, writer: ["*"], owner: child.owner, outcome },
      ended_at: "2026-02-01T00:00:00.000Z",
    })
    await new SqliteAccessStore(store).addToken(aToken())
    const rows = (await store.list(aQuery())).rows
    const bodies = await store.turns({
      run_id: child.run_id,
      from: 0,
      limit: 1_000,
      maxBytes: 1e9,
      whole: true,
    })
    await store.close()
    return { rows, bodies, child }
  }

  test("copies runs, turns, keys and tokens, and copies nothing twice", async () => {
    const { rows, bodies, child } = await fill()
    const url = await databases.create()
    const copied = await migrateStore({ databaseFile: file(), url })
    expect(copied).toEqual({ runs: 2, turns: 450, tokens: 1, sessions: 0, skipped: 0 })
    const store = await openPostgresRunStore({ url })
    expect((await store.list(aQuery())).rows).toEqual(rows)
    const read = { run_id: child.run_id, from: 0, limit: 1_000, maxBytes: 1e9, whole: true }
    expect(await store.turns(read)).toEqual(bodies)
    const again = await store.append(aBatch(child.run_id, ["x"], { idempotency_key: "batch-key" }))
    expect(again).toMatchObject({ ok: true, duplicate: true, base_index: 0, count: 450 })
    expect(await store.start(aNewRun({ idempotency_key: "start-key" }))).toMatchObject({ created: false })
    expect(await new PostgresAccessStore(store.pool).listTokens()).toEqual([aToken()])
    await store.close()
    expect(await migrateStore({ databaseFile: file(), url })).toMatchObject({ runs: 0, skipped: 2 })
  })

  test("continues after an interruption", async () => {
    await fill()
    const url = await databases.create()
    const stop = new Error("interrupted")
    const onRun = (count: number) => {
      if (count === 1) throw stop
    }
    await expect(migrateStore({ databaseFile: file(), url, onRun })).rejects.toBe(stop)
    expect(await migrateStore({ databaseFile: file(), url })).toMatchObject({ runs: 1, skipped: 1 })
  })

  test("refuses a source that a server uses, and a target with other runs", async () => {
    await fill()
    const url = await databases.create()
    const running = await openSqliteRunStore({ file: file() })
    await expect(migrateStore({ databaseFile: file(), url })).rejects.toThrow(DataDirInUseError)
    await running.close()
    const store = await openPostgresRunStore({ url })
    await store.start(aNewRun())
    await store.close()
    await expect(migrateStore({ databaseFile: file(), url })).rejects.toThrow(/runs from another source/)
  })

  test("copies what a running server needs: the usage of responses, foreign requests and the redaction key", async () => {
    const usage = { ...NO_TOTALS, input_tokens: 10, output_tokens: 5, has_cost: false, has_estimate: false }
    const shared = (message: string) => anEncodedTurn(message, { response: { id: "\0 response", usage } })
    const source = await openSqliteRunStore({ file: file() })
    const { run_id } = (await source.start(aNewRun())).row
    await source.append(aBatch(run_id, [], { turns: [shared("one")] }))
    const request = { received_at: 1, sender: "{}", dialect: "otlp", records: '["\\u0000 \\ud800"]' }
    await new SqliteIngestStore(source).addRequests({ ...request, records: [request.records] })
    const before = (await source.get(run_id))?.totals
    await source.close()
    writeFileSync(join(dir, "redact.key"), "abc123\n")
    const url = await databases.create()
    await migrateStore({ databaseFile: file(), url })
    await migrateStore({ databaseFile: file(), url })
    const store = await openPostgresRunStore({ url })
    expect((await store.get(run_id))?.totals).toEqual(before)
    await store.append(aBatch(run_id, [], { turns: [shared("two")] }))
    expect((await store.get(run_id))?.totals).toMatchObject({ input_tokens: 10, output_tokens: 5 })
    const requests = new PostgresIngestStore(store.pool, () => "node")
    expect(await requests.claimAbandoned()).toHaveLength(1)
    const claimed = await requests.listRequests({ after: 0, limit: 10, maxBytes: 1e9 })
    expect(claimed).toEqual([{ ...request, id: expect.any(Number) }])
    const { rows } = await store.pool.query("SELECT value FROM settings WHERE name = 'redact_key'")
    expect(rows).toEqual([{ value: "abc123" }])
    await store.close()
  })

  test("copies large turns and unusual values, and can be repeated after a broken connection", async () => {
    const source = await openSqliteRunStore({ file: file() })
    const { run_id } = (await source.start(aNewRun())).row
    const odd = {
      message: "\0 \ud800 \udfff 𝒳",
      number: -0,
      huge: 1e308,
      tiny: 5e-324,
      text: "NaN",
      none: null,
    }
    const small = Array.from({ length: 300 }, () => anEncodedTurn("", { body: JSON.stringify(odd) }))
    for (const turns of [
      small,
      ...["a".repeat(10_000_000), "漢".repeat(2_000_000)].map((text) => [anEncodedTurn(text)]),
      small,
    ])
      await source.append(aBatch(run_id, [], { turns }))
    const read = { run_id, from: 0, limit: 1_000, maxBytes: 1e9, whole: true }
    const bodies = await source.turns(read)
    await source.close()
    const url = await databases.create()
    const killer = new Client({ connectionString: url })
    await killer.connect()
    const broken = migrateStore({ databaseFile: file(), url }).then(
      () => "done",
      () => "broken",
    )
    for (let killed = 0; killed === 0; ) {
      const { rowCount } = await killer.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'turnline migrate-store'
          AND query LIKE '%INSERT INTO bodies%'`,
      )
      killed = rowCount ?? 0
    }
    await killer.end()
    expect(await broken).toBe("broken")
    expect(await migrateStore({ databaseFile: file(), url })).toMatchObject({ runs: 1, turns: 602 })
    const store = await openPostgresRunStore({ url })
    const copied = await store.turns(read)
    expect(copied.turns.length).toBe(602)
    expect(copied.turns.every((turn, at) => turn === bodies.turns[at])).toBe(true)
    await store.close()
  })
})
