import type { RunSummary } from "@/lib/protocol/run"

type Compare = (a: RunSummary, b: RunSummary) => number

/**
 * Creates the rows of a list. Changes to them are held back until `apply`.
 *
 * @param known returns a run's summary, if it is loaded.
 * @param compare returns the list's order, which may depend on the time.
 */
export function createHeldRows(known: (runId: string) => RunSummary | undefined, compare: () => Compare) {
  let ids: readonly string[] = []
  const pending = new Set<string>()
  const leaving = new Set<string>()

  function sorted(unsorted: Iterable<string>): string[] {
    const rows = [...unsorted].flatMap((id) => known(id) ?? [])
    return rows.sort(compare()).map((run) => run.run_id)
  }

  return {
    ids: () => ids,
    /** Returns the runs that will be inserted by `apply`. */
    pending: (): ReadonlySet<string> => pending,
    /** Replaces all rows with the first page. */
    reset(first: readonly string[]) {
      ids = first
      pending.clear()
      leaving.clear()
    },
    /** Appends the next page. */
    append(page: readonly string[]) {
      const present = new Set(ids)
      for (const id of page) pending.delete(id)
      ids = [...ids, ...page.filter((id) => !present.has(id))]
    },
    /**
     * Records changed runs. `more`: the list has more pages, and new runs that come after the last row will be on those
     * pages.
     */
    consider(runs: readonly RunSummary[], admits: (run: RunSummary) => boolean, more: boolean) {
      const present = new Set(ids)
      const last = known(ids.at(-1) ?? "")
      const order = compare()
      for (const run of runs) {
        const isAdmitted = admits(run)
        if (present.has(run.run_id)) {
          if (isAdmitted) leaving.delete(run.run_id)
          else leaving.add(run.run_id)
        } else if (!isAdmitted) pending.delete(run.run_id)
        else if (!more || last === undefined || order(run, last) <= 0) pending.add(run.run_id)
      }
    },
    /** Records the first pages after they were read again. `all`: these pages are the entire list. */
    reconcile(fresh: readonly string[], all: boolean) {
      const present = new Set(ids)
      const found = new Set(fresh)
      const last = known(fresh.at(-1) ?? "")
      const order = compare()
      for (const id of fresh) if (!present.has(id)) pending.add(id)
      for (const id of ids) {
        const run = known(id)
        const isCovered = all || (run !== undefined && last !== undefined && order(run, last) <= 0)
        if (isCovered && !found.has(id)) leaving.add(id)
      }
    },
    /** Removes deleted runs immediately, because their links would be dead. */
    drop(removed: readonly string[]) {
      const dropped = new Set(removed)
      for (const id of removed) pending.delete(id)
      if (ids.some((id) => dropped.has(id))) ids = ids.filter((id) => !dropped.has(id))
    },
    /** Inserts pending runs and removes those that no longer match. */
    apply() {
      if (pending.size === 0 && leaving.size === 0) return
      const wanted = new Set([...ids.filter((id) => !leaving.has(id)), ...pending])
      pending.clear()
      leaving.clear()
      ids = sorted(wanted)
    },
    /** Restores the order after values have changed. */
    sort() {
      const next = sorted(ids)
      if (next.some((id, at) => id !== ids[at])) ids = next
    },
  }
}
