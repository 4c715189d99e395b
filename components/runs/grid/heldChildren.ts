/** The child runs of unfolded runs. */
export type Children = ReadonlyMap<string, readonly string[]>

/**
 * Returns the child runs to show while rows are held: those that are shown and still exist, and all children of runs
 * that have just been unfolded.
 */
export function heldChildren(shown: Children, current: Children): Children {
  return new Map(
    [...current].map(([parent, ids]) => {
      const before = shown.get(parent) ?? []
      return [parent, before.length === 0 ? ids : before.filter((id) => ids.includes(id))]
    }),
  )
}
