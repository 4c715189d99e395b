import { digest } from "@/lib/dialects/digest"
import { type Message, messageDigest } from "@/lib/dialects/messages/Message"
import type { RunKey } from "@/lib/dialects/operations"
import type { TraceSettings } from "@/lib/dialects/TraceSettings"
import type { Sender, Step } from "@/lib/dialects/traces/Step"
import type { SentStep } from "@/lib/dialects/traces/TraceBatch"
import { createTracedRun, type TracedRun } from "@/lib/dialects/traces/TracedRun"
import { type TraceState, touch } from "@/lib/dialects/traces/TraceState"

/**
 * Returns the run that a step belongs to: its session's, its trace's, or, for a model call without a parent, the run of
 * the preceding calls. Creates the run if needed. Returns undefined for context in a trace without AI steps.
 */
export function assignRun(
  state: TraceState,
  prefix: string,
  { step, sender }: SentStep,
  bareTraces: ReadonlySet<string>,
  settings: TraceSettings,
  now: number,
): TracedRun | undefined {
  const key = sender.sessionKey ?? state.runOfTrace.get(step.trace)
  const existing = key === undefined ? undefined : state.runs.get(key)
  if (existing !== undefined) return remember(state, existing, step.trace)
  if (step.role === "context") return undefined
  const isBare = sender.sessionKey === undefined && bareTraces.has(step.trace)
  const joined = isBare ? findBareRun(state, step, sender, settings) : undefined
  if (joined !== undefined) return remember(state, joined, step.trace)
  return remember(state, createTracedRun(key ?? `${prefix}:${step.trace}`, sender, isBare, now), step.trace)
}

function remember(state: TraceState, run: TracedRun, trace: string): TracedRun {
  if (trace !== "") touch(state.runOfTrace, trace, run.key)
  state.runs.delete(run.key)
  state.runs.set(run.key, run)
  return run
}

/**
 * Returns the new traces in a batch that consist of a single root (a model or tool call) and, below it, only model
 * calls, which report the same call again. Context steps are ignored.
 */
export function bareTraces(batch: readonly SentStep[], isKnown: (trace: string) => boolean): Set<string> {
  const byTrace = new Map<string, Step[]>()
  for (const { step } of batch) {
    if (step.role === "context" || isKnown(step.trace)) continue
    const steps = byTrace.get(step.trace)
    if (steps === undefined) byTrace.set(step.trace, [step])
    else steps.push(step)
  }
  const bare = new Set<string>()
  for (const [trace, steps] of byTrace) {
    const roots = steps.filter((step) => step.parent === undefined)
    const isCall = (step: Step) =>
      step.role === "model" || (step.role === "tool" && step.parent === undefined)
    if (roots.length === 1 && steps.every(isCall)) bare.add(trace)
  }
  return bare
}

function findBareRun(
  state: TraceState,
  step: Step,
  sender: Sender,
  settings: TraceSettings,
): TracedRun | undefined {
  const histories = historyDigests(step.model?.input ?? []).reverse()
  for (const history of histories) {
    const run = lookUp(state, state.runOfHistory.get(`${sender.agentId} ${history}`))
    if (run !== undefined) return run
  }
  if (step.conversation !== undefined)
    return lookUp(state, state.runOfConversation.get(`${sender.agentId} ${step.conversation}`))
  const run = lookUp(state, state.runOfInstance.get(instanceKey(sender)))
  if (run === undefined || run.session !== undefined) return undefined
  const pause = Number((step.start - run.lastEnd) / 1_000_000n)
  return Math.abs(pause) <= settings.gapMs ? run : undefined
}

/** Records how the next call without a parent will find its run. */
export function indexBareRun(state: TraceState, run: TracedRun, { step, sender }: SentStep): void {
  if (!run.isBare) return
  const whole = historyDigests(step.model?.input ?? []).at(-1)
  if (whole !== undefined) touch(state.runOfHistory, `${sender.agentId} ${whole}`, run.key)
  if (step.conversation !== undefined)
    touch(state.runOfConversation, `${sender.agentId} ${step.conversation}`, run.key)
  touch(state.runOfInstance, instanceKey(sender), run.key)
}

/** Returns the digests of all prefixes of a history, except those with only system messages. */
function historyDigests(input: readonly Message[]): string[] {
  const digests: string[] = []
  let sofar = ""
  let hasUser = false
  for (const message of input.slice(0, 2_000)) {
    sofar = digest(`${sofar} ${messageDigest(message)}`)
    hasUser ||= message.role !== "system"
    if (hasUser) digests.push(sofar)
  }
  return digests
}

function instanceKey(sender: Sender): string {
  return `${sender.agentId} ${sender.instance}`
}

function lookUp(state: TraceState, key: RunKey | undefined): TracedRun | undefined {
  return key === undefined ? undefined : state.runs.get(key)
}
