import type { RunSummary } from "@/lib/protocol/run"

export type KnownAgent = { readonly id: string; readonly name: string }

/** Returns the agents of the loaded runs, sorted by name. */
export function knownAgents(runs: Iterable<RunSummary>): KnownAgent[] {
  const names = new Map<string, string>()
  for (const run of runs) {
    if (run.agent_name !== undefined || !names.has(run.agent_id))
      names.set(run.agent_id, run.agent_name ?? run.agent_id)
  }
  const agents = [...names].map(([id, name]) => ({ id, name }))
  return agents.sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id))
}

/** Finds an agent by its name or id, ignoring case. */
export function findAgent(agents: readonly KnownAgent[], text: string): KnownAgent | undefined {
  const wanted = text.toLowerCase()
  return (
    agents.find(({ id }) => id === text) ??
    agents.find(({ name }) => name.toLowerCase() === wanted) ??
    agents.find(({ id }) => id.toLowerCase() === wanted)
  )
}
