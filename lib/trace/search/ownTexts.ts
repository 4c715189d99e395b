import type { RunSummary } from "@/lib/protocol/run"

/** The fields of a run that are searched in addition to its turns. */
export type OwnTexts = Pick<
  RunSummary,
  | "run_id"
  | "agent_id"
  | "agent_name"
  | "intent"
  | "outcome_description"
  | "labels"
  | "source"
  | "termination"
> & { cancel_reason?: string | undefined }

const MAX_TEXTS = 5_000

/**
 * Returns a run's own texts: intent, outcome with evidence and metrics, agent, labels, id, source. A search hit quotes
 * the first of these texts that matches.
 */
export function ownTexts(run: OwnTexts): string[] {
  const outcome = run.termination?.kind === "outcome" ? run.termination.outcome : undefined
  const { summary, evidence, metrics } = outcome ?? {}
  const texts = [
    run.intent,
    summary,
    run.agent_name,
    run.agent_id,
    run.outcome_description,
    run.cancel_reason,
    ...Object.entries(run.labels).flat(),
    ...leaves(evidence),
    ...leaves(metrics),
    run.run_id,
    run.source?.name,
    run.source?.version,
    run.source?.session,
  ]
  return texts.filter((text) => text !== undefined)
}

function leaves(value: unknown): string[] {
  const texts: string[] = []
  const stack: unknown[] = [value]
  while (stack.length > 0 && texts.length < MAX_TEXTS) {
    const next = stack.pop()
    if (typeof next === "string" || typeof next === "number" || typeof next === "boolean")
      texts.push(String(next))
    else if (typeof next === "object" && next !== null)
      stack.push(...Object.entries(next).flat().reverse().slice(0, MAX_TEXTS))
  }
  return texts
}
