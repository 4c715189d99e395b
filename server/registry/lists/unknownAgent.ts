import { distance } from "fastest-levenshtein"
import type { Refusal } from "@/lib/protocol/catalog"
import { wireError } from "@/lib/protocol/codes"
import type { RunStore } from "@/server/store/RunStore"

/** How many pages of the newest runs are read for suggestions. */
const PAGES = 5
const PAGE_RUNS = 200

/**
 * Returns a refusal if no runs that the caller may read belong to this agent. The refusal suggests a similar agent, if
 * there is one. Otherwise returns undefined.
 */
export async function unknownAgent(
  store: Pick<RunStore, "list">,
  readers: readonly string[],
  agent: string,
): Promise<Refusal | undefined> {
  const known = await store.list({ readers, filter: { agent }, limit: 1 })
  if (known.rows.length > 0) return undefined
  const similar = similarName(await agentNames(store, readers), agent)
  const hint = similar === undefined ? "" : ` Did you mean "${similar}"?`
  return { ok: false, error: wireError("not_found", `No agent "${agent}".${hint}`) }
}

/** Returns the names and ids of the agents of the newest runs. */
async function agentNames(store: Pick<RunStore, "list">, readers: readonly string[]): Promise<Set<string>> {
  const names = new Set<string>()
  let before: string | undefined
  for (let page = 0; page < PAGES; page++) {
    const { rows, next } = await store.list({
      readers,
      filter: {},
      limit: PAGE_RUNS,
      ...(before !== undefined && { before }),
    })
    for (const { agent_name, agent_id } of rows) {
      if (agent_name !== undefined) names.add(agent_name)
      names.add(agent_id)
    }
    if (next === undefined) break
    before = next
  }
  return names
}

/** Returns the name most similar to a string: one contains the other, or only a few letters differ. */
function similarName(names: Iterable<string>, text: string): string | undefined {
  const wanted = text.toLowerCase()
  let best: { name: string; edits: number } | undefined
  for (const name of names) {
    const known = name.toLowerCase()
    const edits = known.includes(wanted) || wanted.includes(known) ? 1 : distance(wanted, known)
    const isNear = edits <= Math.max(1, wanted.length / 2)
    if (isNear && edits < (best?.edits ?? Number.POSITIVE_INFINITY)) best = { name, edits }
  }
  return best?.name
}
