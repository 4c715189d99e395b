import type { LiveConnection } from "@/lib/live/connection/createConnection"
import type { RunListQuery } from "./RunListState"
import { type RunPages, readRunPages } from "./readRunPages"

const PAGE_RUNS = 100
/** How many rows are read again after a reconnect. Changes to later rows only arrive through the watch. */
const MAX_RELOADED = 1_000

/** Reads a list page by page. A result is undefined if the list was reloaded or closed in the meantime. */
export function createPager({ sort, order, ...filter }: RunListQuery, connection: LiveConnection) {
  let next: string | undefined
  let generation = 0

  async function read(atLeast: number, before?: string): Promise<RunPages | undefined> {
    const started = generation
    const query = { ...filter, ...(sort && { sort }), ...(order && { order }) }
    const page = await readRunPages(connection.request, query, atLeast, before)
    return started === generation ? page : undefined
  }

  return {
    hasMore: () => next !== undefined,
    /** Reads as many of the first pages as are loaded. */
    async reload(loaded: number): Promise<RunPages | undefined> {
      generation++
      const page = await read(Math.min(MAX_RELOADED, Math.max(PAGE_RUNS, loaded)))
      if (page?.ok && loaded === 0) next = page.next
      return page
    },
    async readNext(): Promise<RunPages | undefined> {
      const page = await read(PAGE_RUNS, next)
      if (page?.ok) next = page.next
      return page
    },
    cancel() {
      generation++
    },
  }
}
