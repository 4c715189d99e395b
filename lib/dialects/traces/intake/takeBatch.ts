import { digest } from "@/lib/dialects/digest"
import { sizeOf } from "@/lib/dialects/sizeOf"
import type { TraceSettings } from "@/lib/dialects/TraceSettings"
import { newestUserText } from "@/lib/dialects/traces/prompts"
import type { Step } from "@/lib/dialects/traces/Step"
import type { SentPart, SentStep, TraceBatch } from "@/lib/dialects/traces/TraceBatch"
import type { Completion, TracedRun } from "@/lib/dialects/traces/TracedRun"
import { keepContext, type TraceState, takeContext, touch } from "@/lib/dialects/traces/TraceState"
import { takeEarlierExceptions, takeExceptions } from "@/lib/dialects/traces/turns/exceptions"
import { admit, propose } from "./admit"
import { assignRun, bareTraces, indexBareRun } from "./assignRun"

/**
 * How long a step is held, ms, if its parent didn't arrive in time for another child. Such a parent is probably still
 * running. Senders that export each span separately send a parent within 35 ms of its children.
 */
const SHORT_HOLD_MS = 100

/** A batch while it is being added to runs. */
type Intake = {
  state: TraceState
  batch: TraceBatch
  settings: TraceSettings
  now: number
  /** Returns the run of a step. `bare`: the traces of calls without an enclosing agent. */
  assign(sent: SentStep, bare?: ReadonlySet<string>): TracedRun | undefined
  /** Marks a run as changed by this batch. */
  onRecord(run: TracedRun): void
}

const NONE: ReadonlySet<string> = new Set()

/** Adds a batch to the state. Returns the runs that it changed. */
export function takeBatch(
  state: TraceState,
  batch: TraceBatch,
  { prefix, settings, now }: { prefix: string; settings: TraceSettings; now: number },
): Set<TracedRun> {
  const changed = new Set<TracedRun>()
  const intake: Intake = {
    ...{ state, batch, settings, now },
    assign: (sent, bare = NONE) => assignRun(state, prefix, sent, bare, settings, now),
    onRecord(run) {
      run.lastRecordAt = now
      changed.add(run)
    },
  }
  takePrompts(intake)
  takeParts(intake)
  takeSteps(intake)
  for (const run of takeExceptions(state, batch.exceptions ?? [], settings, now)) intake.onRecord(run)
  return changed
}

function takeSteps({ state, batch, settings, now, assign, onRecord }: Intake): void {
  const bare = bareTraces(batch.steps, (trace) => state.runOfTrace.has(trace))
  const bytes = Math.ceil((batch.bytes ?? 0) / Math.max(1, batch.steps.length))
  const dueAt = now + settings.holdMs
  // AI steps first, because they create the runs to which the context steps of the same traces belong.
  for (const sent of batch.steps) {
    if (sent.step.role === "context") continue
    const run = assign(sent, bare)
    if (run === undefined) continue
    const isLate = sent.step.parent !== undefined && run.missedParents.has(sent.step.parent)
    if (!admit(run, sent.step, isLate ? Math.min(dueAt, now + SHORT_HOLD_MS) : dueAt, bytes)) continue
    for (const step of takeContext(state, sent.step.trace)) admit(run, step, dueAt, 0)
    takeEarlierExceptions(state, sent.step.trace, run, settings, now)
    indexBareRun(state, run, sent)
    onRecord(run)
  }
  for (const sent of batch.steps) {
    if (sent.step.role !== "context") continue
    const run = assign(sent, bare)
    if (run === undefined) keepContext(state, sent.step)
    else if (admit(run, sent.step, dueAt, 0)) onRecord(run)
  }
}

function takeParts({ batch, settings, now, assign, onRecord }: Intake): void {
  const occurrences = new Map<string, number>()
  for (const part of batch.parts ?? []) {
    const step: Step = part.fallback ?? {
      trace: part.trace,
      id: part.key,
      role: "model",
      name: part.key,
      start: part.at,
    }
    const run = assign({ step, sender: part.sender })
    if (run === undefined || run.usedKeys.has(part.key)) continue
    if (part.trace !== "") run.traces.add(part.trace)
    if (part.session !== undefined) run.session ??= part.session
    if (run.startedAt === 0n || part.at < run.startedAt) run.startedAt = part.at
    const user = newestUserText(part.model?.input ?? [])
    if (user !== undefined) propose(run, user, 3, part.at)
    merge(run, part, identify(part, occurrences), now + settings.holdMs)
    onRecord(run)
  }
}

/** Returns an id for a record. A record sent again has the same id; equal records of one request have different ids. */
function identify({ key, at, model, tool, error }: SentPart, occurrences: Map<string, number>): string {
  const id = digest(JSON.stringify([key, String(at), model, tool, error]))
  const occurrence = (occurrences.get(id) ?? 0) + 1
  occurrences.set(id, occurrence)
  return `${id} ${occurrence}`
}

function merge(run: TracedRun, part: SentPart, id: string, dueAt: number): void {
  const known: Completion = run.completions.get(part.key) ?? {
    model: {},
    inputs: [],
    tool: {},
    seen: new Set(),
  }
  if (known.seen.has(id)) return
  known.seen.add(id)
  const { input, output, ...rest } = part.model ?? {}
  Object.assign(known.model, rest)
  if (input !== undefined) {
    known.inputs.push({ at: part.at, messages: input })
    known.inputs.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    known.model.input = known.inputs.flatMap(({ messages }) => messages)
  }
  if (output !== undefined) known.model.output = [...(known.model.output ?? []), ...output]
  if (part.isPiece) known.isPiecemeal = true
  Object.assign(known.tool, part.tool)
  if (part.error !== undefined) known.error = part.error
  if (part.fallback !== undefined) known.fallback ??= part.fallback
  if (part.isComplete) known.dueAt ??= dueAt
  run.bytes += sizeOf(part)
  touch(run.completions, part.key, known, 2_000)
}

function takePrompts({ batch, assign, onRecord }: Intake): void {
  for (const { sender, trace, text, at, session } of batch.prompts ?? []) {
    const step: Step = { trace, id: "", role: "chain", name: "prompt", start: at }
    const run = assign({ step, sender })
    if (run === undefined) continue
    if (session !== undefined) run.session ??= session
    if (at > 0n && (run.startedAt === 0n || at < run.startedAt)) run.startedAt = at
    run.bytes += text?.length ?? 0
    if (text !== undefined && !run.usedPrompts.has(text)) {
      propose(run, text, 3, at)
      if (at > run.promptsKnownUntil) run.prompt = { text, at }
    }
    onRecord(run)
  }
}
