import { afterEach, expect, test } from "vitest"
import { StoreUnavailableError } from "@/server/store/RunStore"
import { PostgresIngestStore } from "./PostgresIngestStore"
import { openPostgresRunStore, type PostgresRunStore } from "./PostgresRunStore"
import { describeWithPostgres } from "./testing/describeWithPostgres"

describeWithPostgres("PostgresIngestStore", (databases) => {
  const opened: PostgresRunStore[] = []
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
  })
  const open = async () => {
    const store = await openPostgresRunStore({ url: await databases.create() })
    opened.push(store)
    return store
  }
  const kept = (records: string) => ({ received_at: 1_000, sender: "{}", dialect: "otlp", records })
  const request = (...records: string[]) => ({ ...kept(""), records })
  const everything = { after: 0, limit: 10, maxBytes: 1_000_000 }

  test("requests are listed in order, in pages that are limited in bytes but have at least one", async () => {
    const store = new PostgresIngestStore((await open()).pool, () => "node")
    const ids: number[] = []
    ids.push(...(await store.addRequests(request("[1]", '["\\u0000"]'))))
    ids.push(...(await store.addRequests(request("x".repeat(1_000)))))
    expect((await store.listRequests(everything)).map(({ id }) => id)).toEqual(ids)
    expect(await store.listRequests({ ...everything, maxBytes: 1 })).toEqual([{ id: ids[0], ...kept("[1]") }])
    await store.deleteRequests(ids.slice(0, 2))
    expect((await store.listRequests(everything)).map(({ id }) => id)).toEqual(ids.slice(2))
  })

  test("I1: requests of a node that is gone are claimed by one other node, but not those of a running node", async () => {
    const { pool } = await open()
    const running = new PostgresIngestStore(pool, () => "running")
    await pool.query(
      "INSERT INTO nodes (node_id, name, lease_until) VALUES ('running', 'x', now() + interval '1 hour')",
    )
    await running.addRequests(request("[1]"))
    const gone = new PostgresIngestStore(pool, () => "gone")
    const [id = 0] = await gone.addRequests(request("[2]"))
    const others = [new PostgresIngestStore(pool, () => "a"), new PostgresIngestStore(pool, () => "b")]
    await pool.query(
      "INSERT INTO nodes (node_id, name, lease_until) SELECT n, n, now() + interval '1 hour' FROM unnest(ARRAY['a', 'b']) n",
    )
    const claimed = await Promise.all(others.map((store) => store.claimAbandoned()))
    expect(claimed.flat()).toEqual([id])
    const read = await Promise.all(
      others.map((store, at) => store.listRequests({ ...everything, among: claimed[at] ?? [] })),
    )
    expect(read.flat()).toEqual([{ id, ...kept("[2]") }])
    expect(await running.listRequests(everything)).toHaveLength(1)
  })

  test("a node whose lease has expired keeps its requests until it is declared dead", async () => {
    const { pool } = await open()
    await pool.query(
      "INSERT INTO nodes (node_id, name, lease_until) VALUES ('slow', 'x', now() - interval '1 second')",
    )
    await new PostgresIngestStore(pool, () => "slow").addRequests(request("[1]"))
    const other = new PostgresIngestStore(pool, () => "other")
    expect(await other.claimAbandoned()).toEqual([])
    await pool.query("DELETE FROM nodes")
    expect(await other.claimAbandoned()).toHaveLength(1)
  })

  test("all requests of a dead node are claimed by one other node, which reads them in pages limited in bytes", async () => {
    const { pool } = await open()
    const gone = new PostgresIngestStore(pool, () => "gone")
    const ids = await gone.addRequests(request(...Array.from({ length: 30 }, (_, n) => `[${n}]`)))
    const stores = ["a", "b", "c"].map((name) => new PostgresIngestStore(pool, () => name))
    await pool.query(
      "INSERT INTO nodes (node_id, name, lease_until) SELECT n, n, now() + interval '1 hour' FROM unnest(ARRAY['a', 'b', 'c']) n",
    )
    const claimed = await Promise.all(stores.map((store) => store.claimAbandoned()))
    expect(claimed.map(({ length }) => length).sort((a, b) => a - b)).toEqual([0, 0, 30])
    const at = claimed.findIndex(({ length }) => length > 0)
    expect(await stores[at]?.listRequests({ ...everything, maxBytes: 1, among: ids })).toHaveLength(1)
  })

  test("a node without a lease doesn't accept requests", async () => {
    const store = new PostgresIngestStore((await open()).pool, () => undefined)
    await expect(store.addRequests(request("[1]"))).rejects.toBeInstanceOf(StoreUnavailableError)
  })
})
