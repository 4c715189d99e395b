import { asStoredTurn, type StoredRun } from "@/e2e/kit/model/StoredRun"
import type { Reply } from "@/lib/protocol/catalog"
import type { RunStatus } from "@/lib/protocol/enums"
import { type Connection, LOST } from "./Connection"

/** Reads an entire run through `runs.get_trace`, page by page. Throws on failure. */
async function readTrace(connection: Connection, run_id: string): Promise<StoredRun> {
  const run: StoredRun = { run_id, status: "in_progress", turns: [] }
  let cursor: number | undefined = 0
  while (cursor !== undefined) {
    const page: Reply<"runs.get_trace"> | typeof LOST = await connection.askWithRetries("runs.get_trace", {
      run_id,
      cursor,
    })
    if (page === LOST) throw new Error(`lost while reading ${run_id}`)
    if (!page.ok) throw new Error(`reading ${run_id}: ${page.error.code}`)
    for (const record of page.records) {
      if (record.record === "turn") {
        const { record: _, ...turn } = record
        run.turns.push(asStoredTurn(turn, turn.index, true))
      } else if (record.record === "ended") {
        const { termination } = record
        run.status = (termination.kind === "outcome" ? "completed" : "incomplete") satisfies RunStatus
        if (termination.kind === "outcome") run.outcome = termination.outcome.status
      }
    }
    if (page.next !== undefined && page.next <= cursor)
      throw new Error(`page after ${cursor} is ${page.next}`)
    cursor = page.next
  }
  return run
}

/** Reads many runs, one after the other. */
export async function readTraces(
  connection: Connection,
  run_ids: readonly string[],
): Promise<Map<string, StoredRun>> {
  const runs = new Map<string, StoredRun>()
  for (const run_id of run_ids) runs.set(run_id, await readTrace(connection, run_id))
  return runs
}
