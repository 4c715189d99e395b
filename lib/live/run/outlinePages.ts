import type { Request, RequestResult } from "@/lib/live/connection/LiveSocket"
import type { CommandReplies } from "@/lib/protocol/catalog"

export type OutlinePage = RequestResult<CommandReplies["runs.get_outline"]>

const PAGE_SIZE = 2_000
/** Two requests at a time, so that the server reads the next page while the browser processes the current one. */
const CONCURRENT_PAGES = 2

/** Requests the outlines of the turns from `from` up to, but not including, `to`. */
export function readOutlines(
  request: Request,
  runId: string,
  from: number,
  to: number,
): Promise<OutlinePage> {
  return request("runs.get_outline", { run_id: runId, from, limit: to - from })
}

/** Reads the outlines of a range in pages, newest first. */
export async function* outlinePages(
  request: Request,
  runId: string,
  from: number,
  to: number,
): AsyncGenerator<OutlinePage> {
  const pending: Promise<OutlinePage>[] = []
  let end = to
  for (;;) {
    while (pending.length < CONCURRENT_PAGES && end > from) {
      const start = Math.max(from, end - PAGE_SIZE)
      pending.push(readOutlines(request, runId, start, end))
      end = start
    }
    const next = pending.shift()
    if (next === undefined) return
    yield await next
  }
}
