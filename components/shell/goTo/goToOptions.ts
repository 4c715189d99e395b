import { oneLine } from "@/components/ui/text/showControls"
import type { RunSummary } from "@/lib/protocol/run"

/** One thing to go to; `href` leads there, an action is done in place. */
export type GoToOption =
  | { kind: "run"; key: string; label: string; hint: string; href: string; run: RunSummary | undefined }
  | { kind: "agent" | "page"; key: string; label: string; hint: string; href: string }
  | { kind: "action"; key: string; label: string; hint: string; act: () => void }

const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const MAX_AGENTS = 5
const MAX_RUNS = 12

const runOption = (run: RunSummary): GoToOption => ({
  kind: "run",
  key: `run ${run.run_id}`,
  label: oneLine(run.intent, 160) || "no intent given",
  hint: run.agent_id,
  href: `/runs/${encodeURIComponent(run.run_id)}`,
  run,
})

/** What the words may mean: a run by its id, runs that hold the words, agents, then pages and actions by name. */
export function goToOptions(
  words: string,
  known: Iterable<RunSummary>,
  found: readonly RunSummary[],
  others: readonly GoToOption[],
): GoToOption[] {
  const wanted = words.trim().toLowerCase()
  const all = [...known].sort((a, b) => b.started_at.localeCompare(a.started_at))
  const matching = all.filter((run) =>
    `${run.intent} ${run.agent_id} ${run.agent_name ?? ""}`.toLowerCase().includes(wanted),
  )
  const runs = new Map([...(wanted === "" ? all : matching), ...found].map((run) => [run.run_id, run]))
  const agents = new Set(all.map((run) => run.agent_id).filter((id) => id.toLowerCase().includes(wanted)))
  return [
    ...(RUN_ID.test(wanted) && !runs.has(wanted) ? [idOption(wanted)] : []),
    ...[...runs.values()].slice(0, MAX_RUNS).map(runOption),
    ...[...agents].slice(0, MAX_AGENTS).map(agentOption),
    ...others.filter((option) => option.label.toLowerCase().includes(wanted)),
  ]
}

const idOption = (runId: string): GoToOption => ({
  kind: "run",
  key: `run ${runId}`,
  label: `Run ${runId}`,
  hint: "by its id",
  href: `/runs/${encodeURIComponent(runId)}`,
  run: undefined,
})

const agentOption = (agentId: string): GoToOption => ({
  kind: "agent",
  key: `agent ${agentId}`,
  label: agentId,
  hint: "the agent's runs",
  href: `/?agent=${encodeURIComponent(agentId)}`,
})
