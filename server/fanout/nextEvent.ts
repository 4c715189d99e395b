import type { Progress, RunSummary } from "@/lib/protocol/run"
import { runStage, withoutEnd } from "@/lib/trace/state/runStage"
import { encodeRecord, encodeSnapshot, encodeTurns } from "./encodeTraceEvent"
import type { EncodedEvent } from "./Subscriber"
import type { Subscription } from "./Subscription"

/** What there is of a followed run. */
export type Available = {
  /** The newest summary. With `termination`: the run has ended. */
  readonly run: RunSummary
  readonly runVersion: number
  readonly progress: Progress | undefined
  readonly progressVersion: number
  /** How many turns the log has, as far as is known. */
  readonly committed: number
  /** How many of them subscriptions may have. */
  readonly published: number
}

export type Lack = "turns" | "run" | "progress" | "ended" | "reopened"

/** Events that go to several subscriptions, so that each is encoded once. */
export type SharedEvents = Map<string, EncodedEvent>

/**
 * What a subscription lacks next. Turns come first and the end after the last turn. After an end there is nothing but
 * changes of the ended run, until it is reopened.
 */
export function lackOf(subscription: Subscription, available: Available): Lack | undefined {
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
  // Without progress before, there is nothing to clear.
  return progressSeen === undefined && available.progress === undefined ? undefined : "progress"
}

/** Moves a subscription past turns and returns them as an event: its snapshot if it has none yet. */
export function takeTurns(
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
export function takeRecord(
  subscription: Subscription,
  available: Available,
  lack: Exclude<Lack, "turns">,
  shared: SharedEvents,
): EncodedEvent {
  const { run, runVersion, committed, progress = null, progressVersion } = available
  const { termination } = run
  if (lack === "progress") {
    subscription.progressSeen = progressVersion
    return encodeOnce(shared, lack, () => encodeRecord(run, { record: lack, index: committed, progress }))
  }
  subscription.runSeen = runVersion
  if (lack === "ended" && termination !== undefined) {
    subscription.endSeen = runStage(run)
    return encodeOnce(shared, lack, () => encodeRecord(run, { record: lack, run, termination }))
  }
  if (lack === "reopened") subscription.endSeen = undefined
  // It may have ended again since.
  const shown = lack === "reopened" && termination !== undefined ? withoutEnd(run, false) : run
  return encodeOnce(shared, lack, () => encodeRecord(shown, { record: "run", run: shown }))
}

function encodeOnce(shared: SharedEvents, key: string, encode: () => EncodedEvent): EncodedEvent {
  const event = shared.get(key) ?? encode()
  shared.set(key, event)
  return event
}
