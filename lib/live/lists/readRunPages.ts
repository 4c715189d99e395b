import type { Request } from "@/lib/live/connection/LiveSocket"
import type { ListedRun } from "@/lib/protocol/catalog"
import type { WireError } from "@/lib/protocol/codes"
import { LIMITS } from "@/lib/protocol/limits"
import type { RunListQuery } from "./RunListState"

export type RunPages =
  | { ok: true; runs: ListedRun[]; next: string | undefined }
  | { ok: false; error: WireError }

/** Reads pages of a list until there are at least `atLeast` runs or no more pages. */
export async function readRunPages(
  request: Request,
  query: RunListQuery,
  atLeast: number,
  before?: string,
): Promise<RunPages> {
  const runs: ListedRun[] = []
  let next = before
  do {
    const limit = Math.min(LIMITS.listLimit, Math.max(1, atLeast - runs.length))
    const page = await request("runs.list", { ...query, limit, ...(next !== undefined && { before: next }) })
    if (!page.ok) return page
    runs.push(...page.runs)
    next = page.runs.length > 0 ? page.next : undefined
  } while (next !== undefined && runs.length < atLeast)
  return { ok: true, runs, next }
}
