import type { StoreFigures } from "@/server/store/RunStore"

/** The server's current state; read at each scrape. */
export type LiveFigures = {
  connections: number
  queuedBytes: number
  /** Subscriptions that are caught up, and those that read pages from the log. */
  subscribers: { room: number; pages: number }
  watches: number
  store: StoreFigures
  audit: { waiting: number; dropped: number }
}
