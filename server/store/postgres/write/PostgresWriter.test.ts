import { expect, test, vi } from "vitest"
import { connectWriter } from "@/server/store/postgres/Connection"
import { describeWithPostgres } from "@/server/store/postgres/testing/describeWithPostgres"
import { PostgresWriter } from "./PostgresWriter"

describeWithPostgres("PostgresWriter", (databases) => {
  test("T21: refuses a write if the lease expires while it connects", async () => {
    const url = await databases.create()
    const lease: { id: string | undefined } = { id: "a node" }
    const writer = new PostgresWriter(async () => {
      const client = await connectWriter({ url, applicationName: "turnline" })
      lease.id = undefined
      return client
    })
    writer.node = Object.assign(lease, { graceMs: 1_000, roundMs: 1_000, onLeaseExpired: () => {} })
    const apply = vi.fn()
    await expect(writer.write({ runIds: [], bytes: 0, apply })).rejects.toThrow("The node has no lease")
    expect(apply).not.toHaveBeenCalled()
    await writer.close()
  })
})
