import type { TurnOutline } from "@/lib/protocol/turn"

/** Outlines per chunk. */
export const CHUNK = 256

/**
 * Outlines of a run by index, for runs with many thousands of turns. Never mutated: a change copies the list of chunks
 * and the affected chunks and shares the others, so an unchanged chunk stays the same object.
 */
export type OutlineList = { readonly chunks: readonly (readonly (TurnOutline | undefined)[] | undefined)[] }

export const NO_OUTLINES: OutlineList = { chunks: [] }

/** Returns the outline of a turn, or undefined if it isn't known. Any number may be passed. */
export function outlineAt(list: OutlineList, index: number): TurnOutline | undefined {
  return list.chunks[Math.floor(index / CHUNK)]?.[index % CHUNK]
}

/** Returns the list with some outlines set, each at its own `index`. Copies each affected chunk once. */
export function withOutlines(list: OutlineList, outlines: readonly TurnOutline[]): OutlineList {
  if (outlines.length === 0) return list
  const chunks = list.chunks.slice()
  const fresh = new Map<number, (TurnOutline | undefined)[]>()
  for (const outline of outlines) {
    if (!Number.isSafeInteger(outline.index) || outline.index < 0) continue
    const at = Math.floor(outline.index / CHUNK)
    let chunk = fresh.get(at)
    if (chunk === undefined) {
      chunk = chunks[at]?.slice() ?? []
      fresh.set(at, chunk)
      while (chunks.length < at) chunks.push(undefined)
      chunks[at] = chunk
    }
    chunk[outline.index % CHUNK] = outline
  }
  return { chunks }
}

/** Returns the known outlines of `[from, to)` in order. Skips unknown ones. */
export function outlineSlice(list: OutlineList, from: number, to: number): TurnOutline[] {
  const found: TurnOutline[] = []
  const end = Math.min(to, list.chunks.length * CHUNK)
  for (let index = Math.max(0, Math.floor(from)); index < end; index++) {
    const outline = outlineAt(list, index)
    if (outline !== undefined) found.push(outline)
  }
  return found
}
