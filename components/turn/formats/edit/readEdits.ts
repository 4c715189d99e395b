import { isFields } from "@/components/turn/formats/blocks/Block"
import { readSearchReplace, type TextEdit } from "./readSearchReplace"

/** The parameters of a tool that edits a file. */
export type FileEdit = {
  readonly edits: readonly TextEdit[]
  /** The other parameters, such as the file's path. */
  readonly rest: Readonly<Record<string, unknown>>
}

/** Parameter names of the old and the new text in the edit tools of Claude Code, Anthropic, pi, Windsurf and others. */
const PAIRS: readonly (readonly [string, string])[] = [
  ["old_string", "new_string"],
  ["old_str", "new_str"],
  ["old_text", "new_text"],
  ["oldText", "newText"],
  ["oldString", "newString"],
  ["search", "replace"],
  ["TargetContent", "ReplacementContent"],
]
/** Names that also mean other things, so that the text must be code or the file must be named. */
const COMMON_PAIRS: readonly (readonly [string, string])[] = [
  ["original", "updated"],
  ["before", "after"],
]
const FILE_KEYS = ["path", "file", "file_path", "filePath", "filename"]
/** Keys of lists of edits. */
const LIST_KEYS = ["edits", "replacements", "ReplacementChunks"]

/** Reads the old and the new text from the parameters of an edit tool. Returns undefined for any other value. */
export function readEdits(value: unknown): FileEdit | undefined {
  if (!isFields(value)) return undefined
  const single = readPair(value)
  if (single !== undefined) return { edits: [single.edit], rest: without(value, single.keys) }
  return readList(value) ?? readBlocks(value)
}

/**
 * Reads a list of edits. Its items may also have flags, such as `replace_all`, which are kept if any is set. Edits with
 * other fields are shown as a tree.
 */
function readList(value: Readonly<Record<string, unknown>>): FileEdit | undefined {
  const key = LIST_KEYS.find((one) => Array.isArray(value[one]))
  const list = key === undefined ? undefined : value[key]
  if (key === undefined || !Array.isArray(list) || list.length === 0) return undefined
  const pairs = list.map((edit: unknown) => (isFields(edit) ? readPair(edit) : undefined))
  if (!pairs.every((pair) => pair !== undefined)) return undefined
  const others = list.map((edit, at) => without(edit, pairs[at]?.keys ?? []))
  const flags = others.flatMap((fields) => Object.values(fields))
  if (!flags.every((flag) => typeof flag === "boolean")) return undefined
  const hasOthers = flags.includes(true)
  return {
    edits: pairs.map(({ edit }) => edit),
    rest: { ...without(value, [key]), ...(hasOthers && { [key]: others }) },
  }
}

/** Reads the parameters of an edit tool that takes blocks of searched and replaced text as one string. */
function readBlocks(value: Readonly<Record<string, unknown>>): FileEdit | undefined {
  for (const [key, text] of Object.entries(value)) {
    const edits = typeof text === "string" ? readSearchReplace(text) : undefined
    if (edits !== undefined) return { edits, rest: without(value, [key]) }
  }
  return undefined
}

type Pair = { edit: TextEdit; keys: readonly string[] }

function readPair(fields: Readonly<Record<string, unknown>>): Pair | undefined {
  const isFile = FILE_KEYS.some((key) => typeof fields[key] === "string")
  for (const keys of [...PAIRS, ...COMMON_PAIRS]) {
    const [from, to] = [fields[keys[0]], fields[keys[1]]]
    if (typeof from !== "string" || typeof to !== "string") continue
    const isCertain = !COMMON_PAIRS.includes(keys) || isFile || `${from}${to}`.includes("\n")
    if (isCertain) return { edit: { from, to }, keys }
  }
  return undefined
}

function without(
  fields: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)))
}
