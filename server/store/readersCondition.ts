import { isStorable } from "@/server/search/searchText"

type Condition = { text: string; values: string[] }

/**
 * Returns the SQL condition for runs that a principal with these patterns for agent ids may read, with a `?` for each
 * value. Returns undefined if every run may be read.
 */
export function readersCondition(readers: readonly string[]): Condition | undefined {
  if (readers.includes("*")) return undefined
  const conditions: string[] = []
  const values: string[] = []
  for (const pattern of readers.filter(isStorable)) {
    if (pattern.endsWith("*")) {
      const prefix = pattern.slice(0, -1)
      conditions.push("(r.agent_id >= ? AND r.agent_id < ?)")
      values.push(prefix, `${prefix}\u{10FFFF}`)
    } else {
      conditions.push("r.agent_id = ?")
      values.push(pattern)
    }
  }
  return { text: conditions.length === 0 ? "false" : `(${conditions.join(" OR ")})`, values }
}
