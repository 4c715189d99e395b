import { expect, test } from "vitest"
import { checkSessions, connectWriter, createPool } from "./Connection"
import { describeWithPostgres } from "./testing/describeWithPostgres"

describeWithPostgres("connections to PostgreSQL", (databases) => {
  test("writers and readers have timeouts, which they set themselves", async () => {
    const options = { url: await databases.create(), applicationName: "turnline" }
    const writer = await connectWriter(options)
    const pool = createPool(options, 1)
    try {
      expect((await writer.query("SHOW statement_timeout")).rows).toEqual([{ statement_timeout: "5s" }])
      expect((await writer.query("SHOW lock_timeout")).rows).toEqual([{ lock_timeout: "300ms" }])
      const { rows } = await writer.query("SHOW idle_in_transaction_session_timeout")
      expect(rows).toEqual([{ idle_in_transaction_session_timeout: "4s" }])
      expect((await pool.query("SHOW statement_timeout")).rows).toEqual([{ statement_timeout: "15s" }])
    } finally {
      await Promise.all([writer.end(), pool.end()])
    }
  })

  test("a pooler that lends the session of an idle connection is refused", async () => {
    const options = { url: await databases.create(), applicationName: "turnline" }
    const client = await connectWriter(options)
    try {
      await expect(checkSessions(client, () => connectWriter(options))).resolves.toBeUndefined()
      // Returns the same connection again, to simulate a second connection that a pooler maps to the same session.
      await expect(checkSessions(client, async () => client)).rejects.toThrow(/pooler in transaction mode/)
    } finally {
      await client.end().catch(() => {})
    }
  })
})
