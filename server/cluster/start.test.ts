import { afterEach, expect, test, vi } from "vitest"
import { DatabaseWire } from "@/e2e/cluster/fuzz/DatabaseWire"
import { TestCluster } from "@/lib/testing/startCluster"
import { describeWithPostgres } from "@/server/store/postgres/testing/describeWithPostgres"

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
})
