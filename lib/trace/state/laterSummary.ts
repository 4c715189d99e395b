import type { RunSummary } from "@/lib/protocol/run"

/**
 * The newer of two summaries of one run: an end stands, then the further cursor, then the later sign of life; else the
 * second. A page read before an event may arrive after it.
 */
export function laterSummary(known: RunSummary | undefined, incoming: RunSummary): RunSummary {
  if (known === undefined) return incoming
  const knownEnded = known.status !== "in_progress"
  const incomingEnded = incoming.status !== "in_progress"
  if (knownEnded !== incomingEnded) return knownEnded ? known : incoming
  if (known.cursor !== incoming.cursor) return known.cursor > incoming.cursor ? known : incoming
  return (known.last_seen_at ?? "") > (incoming.last_seen_at ?? "") ? known : incoming
}

/** Newest first by `started_at`, then `run_id`: the order of every list. */
export function byNewest(a: RunSummary, b: RunSummary): number {
  if (a.started_at !== b.started_at) return a.started_at > b.started_at ? -1 : 1
  return a.run_id === b.run_id ? 0 : a.run_id > b.run_id ? -1 : 1
}
