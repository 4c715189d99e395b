import { createStore } from "zustand/vanilla"
import type { LiveConnection } from "@/lib/live/connection/createConnection"
import { createSharedStore } from "@/lib/live/createSharedStore"
import type { IngestState, SharedStore } from "@/lib/live/Live"
import type { IngestNote } from "@/lib/protocol/events"

const MAX_NOTES = 500

/** Creates a store of the requests that arrive at the server while the store is retained. */
export function createIngestLog(connection: LiveConnection): SharedStore<IngestState> {
  const store = createStore<IngestState>(() => ({ phase: "loading", notes: [], error: undefined }))
  let watching = false

  function append(notes: readonly IngestNote[]) {
    if (notes.length > 0) store.setState((state) => ({ notes: [...state.notes, ...notes].slice(-MAX_NOTES) }))
  }

  async function watch() {
    const reply = await connection.request("ingest.watch", {})
    if (!watching) return
    if (!reply.ok) return store.setState({ phase: "error", error: reply.error.message })
    const last = store.getState().notes.at(-1)?.at ?? ""
    append(reply.recent.filter((note) => note.at > last))
    store.setState({ phase: "watching", error: undefined })
  }

  connection.onEvent("ingest.event", ({ notes }) => {
    if (watching) append(notes)
  })

  return createSharedStore(
    store,
    () => {
      watching = true
      const off = connection.onConnect(() => void watch())
      return () => {
        watching = false
        off()
        void connection.request("ingest.unwatch", {})
      }
    },
    0,
  )
}
