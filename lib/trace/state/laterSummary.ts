import type { RunSummary } from "@/lib/protocol/run"
import { runStage } from "./runStage"

/**
 * Returns the newer of two summaries of one run: the one with the later stage, else the higher cursor, else the later
 * `last_seen_at`, else the second. A page that was read before an event may arrive after it.
 */
export function laterSummary(known: RunSummary | undefined, incoming: RunSummary): RunSummary {
  if (known === undefined) return incoming
  const [knownStage, incomingStage] = [runStage(known), runStage(incoming)]
  if (knownStage !== incomingStage) return knownStage > incomingStage ? known : incoming
  if (known.cursor !== incoming.cursor) return known.cursor > incoming.cursor ? known : incoming
  return (known.last_seen_at ?? "") > (incoming.last_seen_at ?? "") ? known : incoming
}

/** Orders runs newest first, by `started_at`, then `run_id`, as in every list. */
export function byNewest(a: RunSummary, b: RunSummary): number {
  if (a.started_at !== b.started_at) return a.started_at > b.started_at ? -1 : 1
  return a.run_id === b.run_id ? 0 : a.run_id > b.run_id ? -1 : 1
}
