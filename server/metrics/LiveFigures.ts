import type { StoreFigures } from "@/server/store/RunStore"

/** What a running server tells of its connections; read at each scrape. */
export type LiveFigures = {
  connections: number
  queuedBytes: number
  /** Subscriptions that are caught up, and those that are fed pages from the log. */
  subscribers: { room: number; pages: number }
  watches: number
  store: StoreFigures
  audit: { waiting: number; dropped: number }
}
