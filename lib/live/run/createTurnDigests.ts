import { createStore } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import { createSharedStore } from "@/lib/live/createSharedStore"
import type { DigestState, TurnDigests } from "@/lib/live/Live"
import { type TurnDigest, turnDigest } from "@/lib/trace/turnDigest"

const PAGE_SIZE = 1_000
const RETRY_MS = 3_000

/**
 * Reads a run's turns page by page up to a cursor and keeps only their digests, so that contents can be compared
 * without being stored. Continues where it stopped if the run has grown.
 */
export function createTurnDigests(runId: string, connection: LiveConnection): TurnDigests {
  const store = createStore<DigestState>(() => ({ digests: [], reading: false }))
  let target = 0
  let active = false
  let retry: ReturnType<typeof setTimeout> | undefined

  async function read(): Promise<void> {
    const count = store.getState().digests.length
    if (!active || store.getState().reading || count >= target || !connection.socket().connected) return
    clearTimeout(retry)
    store.setState({ reading: true })
    const page = await connection.request("runs.get_trace", {
      run_id: runId,
      cursor: count,
      limit: Math.min(PAGE_SIZE, target - count),
    })
    const fresh: TurnDigest[] = []
    if (page.ok) for (const line of page.records) if (line.record === "turn") fresh.push(turnDigest(line))
    const { digests } = store.getState()
    store.setState({ reading: false, digests: fresh.length === 0 ? digests : [...digests, ...fresh] })
    if (fresh.length > 0) return read()
    // The request was refused, the connection was lost, or there are no new turns yet.
    retry = setTimeout(() => void read(), RETRY_MS)
  }

  const shared = createSharedStore(store, () => {
    active = true
    const removeListener = connection.onConnect(() => void read())
    void read()
    return () => {
      active = false
      clearTimeout(retry)
      removeListener()
    }
  })
  return {
    ...shared,
    readTo(cursor) {
      target = Math.max(target, cursor)
      void read()
    },
  }
}
