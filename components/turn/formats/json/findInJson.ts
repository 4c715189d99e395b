import { leafText } from "./parseJson"

/** A search hit in a JSON value. `path` is a JSON pointer. */
export type JsonHit = { path: string; text: string }

const MAX_VISITED = 200_000
const MAX_HITS = 200

/** Returns the JSON pointer of a child, in the notation of `truncated`. */
export function childPath(path: string, key: string | number): string {
  return `${path}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`
}

/**
 * Finds keys and values that contain `query`, ignoring case: at most 200, in the first 200,000 values. Doesn't recurse,
 * because values can be nested deeply.
 */
export function findInJson(value: unknown, query: string): { hits: JsonHit[]; more: boolean } {
  const needle = query.toLowerCase()
  const hits: JsonHit[] = []
  const stack: [path: string, key: string, value: unknown][] = [["", "", value]]
  let visited = 0
  while (stack.length > 0 && visited++ < MAX_VISITED) {
    const [path, key, node] = stack.pop() ?? ["", "", null]
    const isBranch = isBranchValue(node)
    const text = isBranch ? "" : leafText(node)
    if (key.toLowerCase().includes(needle) || text.toLowerCase().includes(needle)) {
      if (hits.length >= MAX_HITS) return { hits, more: true }
      hits.push({ path, text: isBranch ? describeBranch(node) : text })
    }
    if (isBranch) stack.push(...childrenOf(node, path).reverse())
  }
  return { hits, more: stack.length > 0 }
}

/** Returns true for an object or a list. */
export function isBranchValue(value: unknown): value is object {
  return typeof value === "object" && value !== null
}

function childrenOf(node: object, path: string): [string, string, unknown][] {
  const entries = Object.entries(node).slice(0, MAX_VISITED)
  return entries.map(([key, child]) => [childPath(path, key), key, child])
}

/** Returns `{3}` or `[12]`: the number of children of a collapsed branch. */
export function describeBranch(node: object): string {
  return Array.isArray(node) ? `[${node.length}]` : `{${Object.keys(node).length}}`
}

/** A value with fewer keys and items is initially shown in full. */
const SMALL_TREE = 40
const SMALL_DEPTH = 8

/** Returns true if a value is so small that all of it fits on a screen. */
export function isSmallTree(value: unknown): boolean {
  let level = [value]
  let count = 0
  for (let depth = 0; depth <= SMALL_DEPTH; depth++) {
    const branches = level.filter(isBranchValue)
    if (branches.length === 0) return true
    for (const branch of branches) count += Array.isArray(branch) ? branch.length : Object.keys(branch).length
    if (count > SMALL_TREE) return false
    level = branches.flatMap((branch) => Object.values(branch))
  }
  return false
}
