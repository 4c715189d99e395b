import { openSqliteRunStore } from "@/server/store/sqlite/SqliteRunStore"
import { aBatch, aNewRun } from "./storeSamples"

/** A child process of the durability test. It appends forever and prints each acknowledgement. */
const [file = "", round = ""] = process.argv.slice(2)
const store = await openSqliteRunStore({ file })

async function appendForever(writer: number): Promise<never> {
  const { row } = await store.start(
    aNewRun({ run_id: `${round}-${writer}`, idempotency_key: `run-of-${writer}` }),
  )
  for (let batch = 0; ; batch++) {
    const count = 1 + ((batch * 7 + writer) % 5)
    const label = `${round}/${writer}/${batch}`
    const messages = Array.from(
      { length: count },
      (_, at) => `${label}/${at}/${count} ${"x".repeat(500 * at)}`,
    )
    const reply = await store.append(
      aBatch(row.run_id, messages, { maxTurns: 2 ** 20, idempotency_key: `key-${round}-${batch}` }),
    )
    if (!reply.ok) throw new Error(reply.code)
    process.stdout.write(`${JSON.stringify([row.run_id, reply.base_index, reply.count, label])}\n`)
  }
}

await Promise.all([0, 1, 2, 3, 4, 5].map(appendForever))
