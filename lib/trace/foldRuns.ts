/** A row of a list in which child runs fold under their parents. */
export type FoldedRun = { readonly run_id: string; readonly depth: number; readonly unfolded: boolean }

/** What folding needs to know about runs. Both functions may return undefined for unknown runs. */
export type RunFamily = {
  parentOf(runId: string): string | undefined
  /** Returns a run's children, oldest first, or undefined while they are being fetched. */
  childrenOf(runId: string): readonly string[] | undefined
}

/**
 * Lays out a list. A run whose parent is in the list is shown only below its parent, and only if the parent is
 * unfolded. Other runs are shown at the top level. Agents may report any parent, so a cycle of parents is cut, and no
 * run is ever lost.
 */
export function foldRuns(
  ids: readonly string[],
  unfolded: ReadonlySet<string>,
  { parentOf, childrenOf }: RunFamily,
): FoldedRun[] {
  const listed = new Set(ids)
  const rows: FoldedRun[] = []
  const shown = new Set<string>()
  const add = (run_id: string, depth: number) => {
    if (shown.has(run_id)) return
    shown.add(run_id)
    const open = unfolded.has(run_id)
    rows.push({ run_id, depth, unfolded: open })
    if (open) for (const child of childrenOf(run_id) ?? []) add(child, depth + 1)
  }
  for (const id of ids) if (!hasListedRoot(id, listed, parentOf)) add(id, 0)
  return rows
}

/**
 * Returns true if the chain of a run's listed parents ends at another run, rather than at the run itself or in a cycle.
 */
function hasListedRoot(
  id: string,
  listed: ReadonlySet<string>,
  parentOf: (runId: string) => string | undefined,
): boolean {
  const seen = new Set([id])
  let at = id
  for (;;) {
    const parent = parentOf(at)
    if (parent === undefined || !listed.has(parent)) return at !== id
    if (seen.has(parent)) return false
    seen.add(parent)
    at = parent
  }
}
