import { Client } from "pg"
import { afterEach, expect, test } from "vitest"
import { eventually } from "@/lib/testing/eventually"
import { StoreUnavailableError } from "@/server/store/RunStore"
import { aBatch, aNewRun, anEncodedTurn } from "@/server/store/testing/storeSamples"
import { openPostgresRunStore, type PostgresRunStore } from "./PostgresRunStore"
import { describeWithPostgres } from "./testing/describeWithPostgres"

describeWithPostgres("PostgresRunStore failures", (databases) => {
  const opened: { close?(): Promise<void>; end?(): Promise<void> }[] = []
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await (each.close?.() ?? each.end?.())
  })
  const open = async (url: string, applicationName = "turnline") => {
    const store = await openPostgresRunStore({ url, applicationName })
    opened.push(store)
    return store
  }
  const connect = async (url: string) => {
    const client = new Client({ connectionString: url })
    await client.connect()
    opened.push(client)
    return client
  }
  const started = async (store: PostgresRunStore) => (await store.start(aNewRun())).row.run_id

  test("I5 T7: a terminated connection rejects pending writes, and later writes and reads succeed", async () => {
    const url = await databases.create()
    const applicationName = `victim-${process.pid}`
    const store = await open(url, applicationName)
    const run_id = await started(store)
    const admin = await connect(url)
    let acknowledged = 0
    for (let round = 0; round < 10; round++) {
      const appends = Promise.allSettled(
        Array.from({ length: 20 }, (_, at) => store.append(aBatch(run_id, [`${round}.${at}`]))),
      )
      await admin.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1",
        [applicationName],
      )
      for (const result of await appends) {
        if (result.status === "fulfilled") acknowledged += 1
        else expect(result.reason).toBeInstanceOf(StoreUnavailableError)
      }
    }
    await eventually(async () => expect(await store.healthy()).toBe(true))
    const { turns } = await store.turns({ run_id, from: 0, limit: 1_000, maxBytes: 1e9 })
    expect(turns.map((turn) => JSON.parse(turn).index)).toEqual(turns.map((_, at) => at))
    expect(turns.length).toBeGreaterThanOrEqual(acknowledged)
  })

  test("I9: a batch that is resent after a lost connection is stored once", async () => {
    const url = await databases.create()
    const applicationName = `victim-${process.pid}-again`
    const store = await open(url, applicationName)
    const run_id = await started(store)
    const admin = await connect(url)
    for (let at = 0; at < 20; at++) {
      const batch = aBatch(run_id, [`turn ${at}`], { idempotency_key: `batch-key-${at}` })
      const kill = admin.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1",
        [applicationName],
      )
      await store.append(batch).catch(() => {})
      await kill
      await eventually(() => store.append(batch))
    }
    expect((await store.get(run_id))?.cursor).toBe(20)
  })

  test("T23: a row that another transaction has locked only delays writes to its run", async () => {
    const url = await databases.create()
    const store = await open(url)
    const [held, free] = [await started(store), await started(store)]
    const holder = await connect(url)
    await holder.query("BEGIN")
    await holder.query("SELECT 1 FROM runs WHERE run_id = $1 FOR UPDATE", [held])
    const waiting = [store.append(aBatch(held, ["a"])), store.append(aBatch(held, ["b"]))]
    expect(await store.append(aBatch(free, ["c"]))).toMatchObject({ ok: true })
    await holder.query("COMMIT")
    const results = await Promise.all(waiting)
    expect(results.map((result) => result.ok && result.base_index)).toEqual([0, 1])
  })

  test("T23: a write that waits too long for a locked row rejects as unavailable", async () => {
    const url = await databases.create()
    const store = await open(url)
    const run_id = await started(store)
    const holder = await connect(url)
    await holder.query("BEGIN")
    await holder.query("SELECT 1 FROM runs WHERE run_id = $1 FOR UPDATE", [run_id])
    await expect(store.append(aBatch(run_id, ["a"]))).rejects.toBeInstanceOf(StoreUnavailableError)
    await holder.query("ROLLBACK")
    expect(await store.append(aBatch(run_id, ["a"]))).toMatchObject({ ok: true, base_index: 0 })
  })

  test("I10: concurrent starts with the same key on two nodes create one run", async () => {
    const url = await databases.create()
    const nodes = [await open(url), await open(url)]
    for (let round = 0; round < 20; round++) {
      const idempotency_key = `start-key-${round}`
      const replies = await Promise.all(nodes.map((store) => store.start(aNewRun({ idempotency_key }))))
      expect(replies.filter((reply) => reply.created)).toHaveLength(1)
      expect(new Set(replies.map((reply) => reply.row.run_id)).size).toBe(1)
    }
  })

  test("I6 T25: if two nodes write to one run, every turn gets its own index", async () => {
    const url = await databases.create()
    const nodes = [await open(url), await open(url)]
    const run_id = await started(nodes[0] as PostgresRunStore)
    const appends = Array.from({ length: 100 }, (_, at) =>
      (nodes[at % 2] as PostgresRunStore).append(aBatch(run_id, [`${at}`, `${at}+`])),
    )
    const bases = (await Promise.all(appends)).map((result) => (result.ok ? result.base_index : -1))
    expect([...bases].sort((a, b) => a - b)).toEqual(bases.map((_, at) => at * 2))
    const { turns } = await nodes[1]!.turns({ run_id, from: 0, limit: 1_000, maxBytes: 1e9 })
    expect(turns.map((turn) => JSON.parse(turn).index)).toEqual(turns.map((_, at) => at))
  })

  test("T21: writes of a node without a valid lease are refused, and its owner is notified", async () => {
    const store = await open(await databases.create())
    const run_id = await started(store)
    let refusals = 0
    const onLeaseExpired = () => {
      refusals += 1
    }
    store.joinCluster({ id: "gone", graceMs: 1_000, roundMs: 1_000, onLeaseExpired })
    const writes = [store.start(aNewRun({ idempotency_key: "key" })), store.append(aBatch(run_id, ["late"]))]
    for (const write of await Promise.allSettled(writes))
      expect(write).toMatchObject({ status: "rejected", reason: expect.any(StoreUnavailableError) })
    expect(refusals).toBeGreaterThan(0)
    expect((await store.get(run_id))?.cursor).toBe(0)
  })

  test("a text that PostgreSQL can't store fails only its own batch", async () => {
    const store = await open(await databases.create())
    const run_id = await started(store)
    const bad = anEncodedTurn("", { body: '{"message":"\0"}' })
    const results = await Promise.allSettled([
      store.append(aBatch(run_id, ["a"])),
      store.append(aBatch(run_id, [], { turns: [bad] })),
      store.append(aBatch(run_id, ["b"])),
    ])
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"])
    expect((await store.get(run_id))?.cursor).toBe(2)
  })
})
