import { createStore } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import { createSharedStore } from "@/lib/live/createSharedStore"
import type { DigestState, TurnDigests } from "@/lib/live/Live"
import { type TurnDigest, turnDigest } from "@/lib/trace/turnDigest"

const PAGE_TURNS = 1_000
const RETRY_MS = 3_000

/**
 * Reads a run's turns page by page, as far as is wanted, and keeps their digests alone: contents can so be compared without
 * holding them. What grows is read on from where it was.
 */
export function createTurnDigests(runId: string, connection: LiveConnection): TurnDigests {
  const store = createStore<DigestState>(() => ({ digests: [], reading: false }))
  let wanted = 0
  let active = false
  let retry: ReturnType<typeof setTimeout> | undefined

  async function read(): Promise<void> {
    const have = store.getState().digests.length
    if (!active || store.getState().reading || have >= wanted || !connection.socket().connected) return
    clearTimeout(retry)
    store.setState({ reading: true })
    const page = await connection.request("runs.get_trace", {
      run_id: runId,
      cursor: have,
      limit: Math.min(PAGE_TURNS, wanted - have),
    })
    const fresh: TurnDigest[] = []
    if (page.ok) for (const line of page.records) if (line.record === "turn") fresh.push(turnDigest(line))
    const { digests } = store.getState()
    store.setState({ reading: false, digests: fresh.length === 0 ? digests : [...digests, ...fresh] })
    if (fresh.length > 0) return read()
    // Refused, lost, or not there yet: nothing is read in a hurry.
    retry = setTimeout(() => void read(), RETRY_MS)
  }

  const kept = createSharedStore(store, () => {
    active = true
    const offUp = connection.onUp(() => void read())
    void read()
    return () => {
      active = false
      clearTimeout(retry)
      offUp()
    }
  })
  return {
    ...kept,
    want(cursor) {
      wanted = Math.max(wanted, cursor)
      void read()
    },
  }
}
