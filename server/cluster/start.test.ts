import { afterEach, expect, test, vi } from "vitest"
import { DatabaseWire } from "@/e2e/cluster/fuzz/DatabaseWire"
import { TestCluster } from "@/lib/testing/startCluster"
import { describeWithPostgres } from "@/server/store/postgres/testing/describeWithPostgres"

/** A start sends about 70 messages to the database. The connections break after every sixth. */
const STEP = 6

describeWithPostgres("the start of a node", (databases) => {
  let cluster: TestCluster | undefined
  let wire: DatabaseWire | undefined
  afterEach(async () => {
    await cluster?.close()
    await wire?.close()
  })

  test("waits for a database that breaks connections", async () => {
    wire = await DatabaseWire.open(await databases.create())
    cluster = new TestCluster(wire.url)
    wire.down()
    const starting = cluster.start()
    await vi.waitUntil(() => (wire?.refused ?? 0) > 0, { timeout: 30_000 })
    wire.up()
    expect((await starting).port).toBeGreaterThan(0)
  })

  test("starts again if its connections break, whatever it is doing", async () => {
    wire = await DatabaseWire.open(await databases.create())
    cluster = new TestCluster(wire.url)
    await (await cluster.start()).close()
    for (let messages = 1; ; messages += STEP) {
      wire.cutAfter(messages)
      const node = await cluster.start()
      expect(node.port).toBeGreaterThan(0)
      await node.close()
      if (wire.isCutPending) break
    }
  })
})
