import { distance } from "fastest-levenshtein"
import type { RunSummary } from "@/lib/protocol/run"

export type KnownAgent = { readonly id: string; readonly name: string }

/** The agents of the loaded runs, sorted by name. */
export function knownAgents(runs: Iterable<RunSummary>): KnownAgent[] {
  const names = new Map<string, string>()
  for (const run of runs) {
    if (run.agent_name !== undefined || !names.has(run.agent_id))
      names.set(run.agent_id, run.agent_name ?? run.agent_id)
  }
  const agents = [...names].map(([id, name]) => ({ id, name }))
  return agents.sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id))
}

/** The agent that a text names: by its name or id, regardless of case. */
export function findAgent(agents: readonly KnownAgent[], text: string): KnownAgent | undefined {
  const wanted = text.toLowerCase()
  return (
    agents.find(({ id }) => id === text) ??
    agents.find(({ name }) => name.toLowerCase() === wanted) ??
    agents.find(({ id }) => id.toLowerCase() === wanted)
  )
}

/** The agent that was probably meant by a text that names none. */
export function similarAgent(agents: readonly KnownAgent[], text: string): KnownAgent | undefined {
  const wanted = text.toLowerCase()
  let best: { agent: KnownAgent; edits: number } | undefined
  for (const agent of agents) {
    const edits = Math.min(...[agent.name, agent.id].map((known) => distance(wanted, known.toLowerCase())))
    if (edits <= wanted.length / 3 && edits < (best?.edits ?? Number.POSITIVE_INFINITY))
      best = { agent, edits }
  }
  return best?.agent
}
