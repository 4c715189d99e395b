import { strings } from "@/components/shell/strings"
import { runPath } from "@/components/ui/runPath"
import { oneLine } from "@/components/ui/text/showControls"
import { spokenLine } from "@/components/ui/text/spokenLine"
import { pagePath } from "@/lib/live/pagePath"
import type { RunSummary } from "@/lib/protocol/run"

const TEXT = strings.goTo

/** An entry of the Go to dialog: a link, or an action that runs in place. */
export type GoToOption =
  | RunOption
  | { kind: "agent" | "page"; key: string; label: string; hint: string; href: string }
  | { kind: "action"; key: string; label: string; hint: string; act: () => void }

/** `run` is undefined for a run id that the page doesn't know. */
export type RunOption = {
  kind: "run"
  key: string
  runId: string
  label: string
  hint: string
  href: string
  run: RunSummary | undefined
}

const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const MAX_AGENTS = 5
const MAX_RUNS = 12

/**
 * Finds runs by id, intent or agent, then agents, pages and actions by name.
 *
 * @param known runs that the page has loaded; searched by intent and agent.
 * @param found runs from the server's search; not filtered again.
 */
export function goToOptions(
  query: string,
  known: Iterable<RunSummary>,
  found: readonly RunSummary[],
  others: readonly GoToOption[],
): GoToOption[] {
  const wanted = query.trim().toLowerCase()
  const all = [...known].sort((a, b) => b.started_at.localeCompare(a.started_at))
  const agents = new Set(all.map((run) => run.agent_id).filter((id) => id.toLowerCase().includes(wanted)))
  return [
    ...runOptions(query, all, found),
    ...[...agents].slice(0, MAX_AGENTS).map(agentOption),
    ...others.filter((option) => option.label.toLowerCase().includes(wanted)),
  ]
}

/** Returns the entries of `goToOptions` that are runs. `known` must be sorted. */
export function runOptions(
  query: string,
  known: readonly RunSummary[],
  found: readonly RunSummary[],
): RunOption[] {
  const wanted = query.trim().toLowerCase()
  const matching = known.filter((run) =>
    `${run.intent} ${run.agent_id} ${run.agent_name ?? ""}`.toLowerCase().includes(wanted),
  )
  const runs = new Map([...matching, ...found].map((run) => [run.run_id, run]))
  return [
    ...(RUN_ID.test(wanted) && !runs.has(wanted) ? [unknownRunOption(wanted)] : []),
    ...[...runs.values()].slice(0, MAX_RUNS).map(runOption),
  ]
}

function runOption(run: RunSummary): RunOption {
  return {
    kind: "run",
    key: `run ${run.run_id}`,
    runId: run.run_id,
    label: spokenLine(run.intent, 160) || TEXT.noIntent,
    hint: oneLine(run.agent_name ?? run.agent_id, 80),
    href: runPath(run.run_id),
    run,
  }
}

function unknownRunOption(runId: string): RunOption {
  return {
    kind: "run",
    key: `run ${runId}`,
    runId,
    label: TEXT.runById(runId),
    hint: TEXT.byId,
    href: runPath(runId),
    run: undefined,
  }
}

function agentOption(agentId: string): GoToOption {
  return {
    kind: "agent",
    key: `agent ${agentId}`,
    label: agentId,
    hint: TEXT.agentHint,
    href: pagePath(`/?agent=${encodeURIComponent(agentId)}`),
  }
}
