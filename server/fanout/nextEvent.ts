import type { Progress, RunSummary } from "@/lib/protocol/run"
import { runStage, withoutEnd } from "@/lib/trace/state/runStage"
import { encodeRecord, encodeSnapshot, encodeTurns } from "./encodeTraceEvent"
import type { EncodedEvent } from "./Subscriber"
import type { Subscription } from "./Subscription"

/** The current state of a followed run. */
export type Available = {
  /** The newest summary. If it has a `termination`, the run has ended. */
  readonly run: RunSummary
  readonly runVersion: number
  readonly progress: Progress | undefined
  readonly progressVersion: number
  /** The number of turns in the log, as far as is known. */
  readonly committed: number
  /** The number of turns that subscriptions may receive. */
  readonly published: number
}

export type NextEvent = "turns" | "run" | "progress" | "ended" | "reopened"

/** Encoded events that several subscriptions need, so that each event is encoded only once. */
export type SharedEvents = Map<string, EncodedEvent>

/**
 * Returns what a subscription must receive next; undefined if it is up to date. Turns come first, and the end after the
 * last turn. After the end, only changes to the run follow, until it is reopened.
 */
export function nextEvent(subscription: Subscription, available: Available): NextEvent | undefined {
  const { hasSnapshot, cursor, runSeen, endSeen, progressSeen } = subscription
  const { run, runVersion, progressVersion, committed, published } = available
  const stage = runStage(run)
  if (endSeen !== undefined && endSeen !== stage) return "reopened"
  if (!hasSnapshot || cursor < published) return "turns"
  const hasEnded = run.termination !== undefined
  const hasAllTurns = cursor >= committed
  if (hasEnded && !hasAllTurns) return undefined
  if (hasEnded && endSeen !== stage) return "ended"
  if (runSeen !== runVersion) return "run"
  if (hasEnded || !hasAllTurns || progressSeen === progressVersion) return undefined
  // A subscription that has never received progress doesn't need an event that clears the progress.
  return progressSeen === undefined && available.progress === undefined ? undefined : "progress"
}

/** Advances a subscription's cursor and returns the turns as an event: a snapshot if it is the first event. */
export function encodeNextTurns(
  subscription: Subscription,
  available: Available,
  turns: readonly string[],
  shared: SharedEvents,
): EncodedEvent {
  const { run, committed, published } = available
  const from = subscription.cursor
  subscription.cursor += turns.length
  if (subscription.hasSnapshot)
    return encodeOnce(shared, `turns ${from}`, () => encodeTurns(run, from, turns))
  subscription.hasSnapshot = true
  const isLive = run.termination === undefined
  const hasAllTurns = subscription.cursor >= committed
  if (isLive) subscription.runSeen = available.runVersion
  if (isLive && hasAllTurns) subscription.progressSeen = available.progressVersion
  const progress = isLive && hasAllTurns ? available.progress : undefined
  return encodeSnapshot(run, from, turns, subscription.cursor < published, progress)
}

/** Marks the summary, end or progress as seen by a subscription and returns it as an event. */
export function encodeNextRecord(
  subscription: Subscription,
  available: Available,
  kind: Exclude<NextEvent, "turns">,
  shared: SharedEvents,
): EncodedEvent {
  const { run, runVersion, committed, progress = null, progressVersion } = available
  const { termination } = run
  if (kind === "progress") {
    subscription.progressSeen = progressVersion
    return encodeOnce(shared, kind, () => encodeRecord(run, { record: kind, index: committed, progress }))
  }
  subscription.runSeen = runVersion
  if (kind === "ended" && termination !== undefined) {
    subscription.endSeen = runStage(run)
    return encodeOnce(shared, kind, () => encodeRecord(run, { record: kind, run, termination }))
  }
  if (kind === "reopened") subscription.endSeen = undefined
  // The run may have ended again by now. The end then follows as a separate event.
  const shown = kind === "reopened" && termination !== undefined ? withoutEnd(run, false) : run
  return encodeOnce(shared, kind, () => encodeRecord(shown, { record: "run", run: shown }))
}

function encodeOnce(shared: SharedEvents, key: string, encode: () => EncodedEvent): EncodedEvent {
  const event = shared.get(key) ?? encode()
  shared.set(key, event)
  return event
}
