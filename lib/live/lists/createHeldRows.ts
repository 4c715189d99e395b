import type { RunSummary } from "@/lib/protocol/run"
import { byNewest } from "@/lib/trace/state/laterSummary"

export type HeldRows = ReturnType<typeof createHeldRows>

/**
 * The rows of a list, newest first, and what waits to be put in or taken out: nothing moves until `putIn`.
 * `known` tells a run's summary.
 */
export function createHeldRows(known: (runId: string) => RunSummary | undefined) {
  let ids: readonly string[] = []
  const pending = new Set<string>()
  const leaving = new Set<string>()

  return {
    ids: () => ids,
    /** How many runs wait to be put in. */
    pendingNew: () => pending.size,
    /** Begins anew with the first page. */
    reset(first: readonly string[]) {
      ids = first
      pending.clear()
      leaving.clear()
    },
    /** Adds an older page at the end. */
    append(page: readonly string[]) {
      const have = new Set(ids)
      for (const id of page) pending.delete(id)
      ids = [...ids, ...page.filter((id) => !have.has(id))]
    },
    /** Takes note of runs that changed; `more` says that older ones than the last row will come with their page. */
    consider(runs: readonly RunSummary[], admits: (run: RunSummary) => boolean, more: boolean) {
      const have = new Set(ids)
      const oldest = known(ids.at(-1) ?? "")
      for (const run of runs) {
        const admitted = admits(run)
        if (have.has(run.run_id)) {
          if (admitted) leaving.delete(run.run_id)
          else leaving.add(run.run_id)
        } else if (!admitted) pending.delete(run.run_id)
        else if (!more || oldest === undefined || byNewest(run, oldest) <= 0) pending.add(run.run_id)
      }
    },
    /** Takes note of the first pages read again; `all` says that they are the whole list. */
    reconcile(fresh: readonly string[], all: boolean) {
      const have = new Set(ids)
      const found = new Set(fresh)
      const oldest = known(fresh.at(-1) ?? "")
      for (const id of fresh) if (!have.has(id)) pending.add(id)
      for (const id of ids) {
        const run = known(id)
        const covered = all || (run !== undefined && oldest !== undefined && byNewest(run, oldest) <= 0)
        if (covered && !found.has(id)) leaving.add(id)
      }
    },
    /** Deleted runs go at once: their rows would lead nowhere. */
    drop(removed: readonly string[]) {
      const gone = new Set(removed)
      for (const id of removed) pending.delete(id)
      if (ids.some((id) => gone.has(id))) ids = ids.filter((id) => !gone.has(id))
    },
    /** Puts in and takes out what waits. */
    putIn() {
      if (pending.size === 0 && leaving.size === 0) return
      const wanted = new Set([...ids.filter((id) => !leaving.has(id)), ...pending])
      pending.clear()
      leaving.clear()
      const rows = [...wanted].flatMap((id) => known(id) ?? [])
      ids = rows.sort(byNewest).map((run) => run.run_id)
    },
  }
}
