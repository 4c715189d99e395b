import { afterEach, expect, test } from "vitest"
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

  test("requests come back in order, in pages that are bounded in bytes and hold at least one", async () => {
    const store = new PostgresIngestStore((await open()).pool, () => "node")
    const ids: number[] = []
    ids.push(...(await store.addRequests(request("[1]", '["\\u0000"]'))))
    ids.push(...(await store.addRequests(request("x".repeat(1_000)))))
    expect((await store.listRequests(everything)).map(({ id }) => id)).toEqual(ids)
    expect(await store.listRequests({ ...everything, maxBytes: 1 })).toEqual([{ id: ids[0], ...kept("[1]") }])
    await store.deleteRequests(ids.slice(0, 2))
    expect((await store.listRequests(everything)).map(({ id }) => id)).toEqual(ids.slice(2))
  })

  test("I1: requests of a node that is gone are claimed by one other node, those of a running node are not", async () => {
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
    expect(claimed.flat()).toEqual([{ id, ...kept("[2]") }])
    expect(await running.listRequests(everything)).toHaveLength(1)
  })
})
