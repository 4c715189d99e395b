import { isFields } from "@/components/turn/formats/blocks/Block"

/** A replacement of text. */
export type TextEdit = { readonly from: string; readonly to: string }

/** The parameters of a tool that edits a file. */
export type FileEdit = {
  readonly edits: readonly TextEdit[]
  /** The other parameters, such as the file's path. */
  readonly rest: Readonly<Record<string, unknown>>
}

/** Parameter names of the old and the new text in the edit tools of Claude Code, Anthropic, pi, Cline and others. */
const PAIRS: readonly (readonly [string, string])[] = [
  ["old_string", "new_string"],
  ["old_str", "new_str"],
  ["old_text", "new_text"],
  ["oldText", "newText"],
  ["oldString", "newString"],
  ["search", "replace"],
]

/** Reads the old and the new text from the parameters of an edit tool. Returns undefined for any other value. */
export function readEdits(value: unknown): FileEdit | undefined {
  if (!isFields(value)) return undefined
  const single = readPair(value)
  if (single !== undefined) return { edits: [single.edit], rest: without(value, single.keys) }
  if (!Array.isArray(value.edits) || value.edits.length === 0) return undefined
  const pairs = value.edits.map((edit) => (isFields(edit) ? readPair(edit) : undefined))
  // Edits with additional fields are shown as a tree.
  const isPlain = pairs.every((pair, at) => pair !== undefined && hasOnly(value.edits, at, pair.keys))
  if (!isPlain) return undefined
  return { edits: pairs.flatMap((pair) => pair?.edit ?? []), rest: without(value, ["edits"]) }
}

type Pair = { edit: TextEdit; keys: readonly string[] }

function readPair(fields: Readonly<Record<string, unknown>>): Pair | undefined {
  for (const keys of PAIRS) {
    const [from, to] = [fields[keys[0]], fields[keys[1]]]
    if (typeof from === "string" && typeof to === "string") return { edit: { from, to }, keys }
  }
  return undefined
}

function hasOnly(edits: unknown, at: number, keys: readonly string[]): boolean {
  const edit: unknown = Array.isArray(edits) ? edits[at] : undefined
  return isFields(edit) && Object.keys(edit).every((key) => keys.includes(key))
}

function without(
  fields: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)))
}
