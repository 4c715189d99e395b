import { exactNumber } from "@/lib/protocol/exactNumbers"

/** A place in a JSON value that a search found. */
export type JsonHit = { path: string; text: string }

const MAX_VISITED = 200_000
const MAX_HITS = 200

/** JSON pointer of a child, as `truncated` names places. */
export function childPath(path: string, key: string | number): string {
  return `${path}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`
}

/** Keys and values that contain `query`, whatever the case; at most 200, from the first 200,000 places. No recursion. */
export function findInJson(value: unknown, query: string): { hits: JsonHit[]; more: boolean } {
  const needle = query.toLowerCase()
  const hits: JsonHit[] = []
  const open: [path: string, key: string, value: unknown][] = [["", "", value]]
  let visited = 0
  while (open.length > 0 && visited++ < MAX_VISITED) {
    const [path, key, node] = open.pop() ?? ["", "", null]
    const isBranch = typeof node === "object" && node !== null
    const text = isBranch ? "" : (exactNumber(node) ?? String(node))
    if (key.toLowerCase().includes(needle) || text.toLowerCase().includes(needle)) {
      if (hits.length >= MAX_HITS) return { hits, more: true }
      hits.push({ path, text: isBranch ? describeBranch(node) : text })
    }
    if (isBranch) open.push(...childrenOf(node, path).reverse())
  }
  return { hits, more: open.length > 0 }
}

function childrenOf(node: object, path: string): [string, string, unknown][] {
  const entries = Object.entries(node).slice(0, MAX_VISITED)
  return entries.map(([key, child]) => [childPath(path, key), key, child])
}

/** `{3}` or `[12]`: what a folded branch holds. */
export function describeBranch(node: object): string {
  return Array.isArray(node) ? `[${node.length}]` : `{${Object.keys(node).length}}`
}

/** The value at a JSON pointer; undefined where there is none. */
export function valueAt(value: unknown, pointer: string): unknown {
  let node = value
  for (const part of pointer.split("/").slice(1)) {
    if (typeof node !== "object" || node === null) return undefined
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~")
    node = Object.hasOwn(node, key) ? (node as Record<string, unknown>)[key] : undefined
  }
  return node
}
