import { AgentError } from "@/lib/agent/AgentError"
import type { StartPayload } from "@/lib/agent/delivery/RunDelivery"
import { utf8Bytes } from "@/lib/protocol/bytes"
import { LIMITS } from "@/lib/protocol/limits"
import type { AgentOutcome } from "@/lib/protocol/run"
import type { TurnInput } from "@/lib/protocol/turn"
import { TURN_KINDS } from "@/lib/protocol/words"
import { cutText } from "./cutText"
import { messageOf } from "./jsonCopy"
import { prepareOutcome } from "./prepareOutcome"
import { type AgentProgress, prepareProgress } from "./prepareProgress"
import { type PreparedTurn, prepareTurn } from "./prepareTurn"

/** What a turn that the hook is given stands for. */
export type RedactedPart = "turn" | "progress" | "start" | "outcome"
/** Gives back what may leave this process of a turn; may change the one that it is given. Called once for each, before it is queued or sent. */
export type RedactHook = (turn: TurnInput, part: RedactedPart) => TurnInput

/** What stands for a content that the hook failed on. */
export const REDACT_FAILED = "[redacted: the redact hook failed]"

type Shown = ReturnType<typeof prepareProgress>

/**
 * Runs an author's hook over all content that leaves the process: turns as they are, what a run does now, its start and its outcome
 * in the shape of a turn. Fails closed: where the hook throws or gives back no turn, a marker goes out in place of the content.
 */
export class Redaction {
  private failing = false

  constructor(
    private readonly hook: RedactHook | undefined,
    private readonly report: (error: AgentError) => void,
  ) {}

  /** Whether there is a hook at all. */
  get active(): boolean {
    return this.hook !== undefined
  }

  turn(prepared: PreparedTurn): PreparedTurn {
    if (this.hook === undefined) return prepared
    return this.prepared({ ...prepared.turn }, "turn") ?? marked(prepared.turn)
  }

  /** `text` is the turn's message, `waiting_for` is in its attributes. */
  progress(shown: Shown | null): Shown | null {
    if (this.hook === undefined || shown === null) return shown
    const { text, text_delta: _, waiting_for, kind, started_at, ...rest } = shown
    const known = TURN_KINDS.find((name) => name === kind)
    const turn: TurnInput = { ...rest, ...(known !== undefined && { kind: known }) }
    if (text !== undefined) turn.message = text
    if (waiting_for !== undefined) turn.attributes = { waiting_for }
    const safe = this.ask(turn, "progress")
    const times = started_at === undefined ? {} : { started_at }
    // That it waits is no secret, though for what may be.
    const waits = waiting_for === undefined ? {} : { waiting_for: REDACT_FAILED }
    if (safe === undefined)
      return prepareProgress({
        ...times,
        ...waits,
        ...(known !== undefined && { kind: known }),
        text: REDACT_FAILED,
      })
    const progress: AgentProgress = { ...times }
    for (const field of ["kind", "tool", "model", "prompt", "parameters"] as const)
      if (safe[field] !== undefined) Object.assign(progress, { [field]: safe[field] })
    if (safe.message !== undefined) progress.text = safe.message
    const words = safe.attributes?.waiting_for
    if (waiting_for !== undefined) progress.waiting_for = typeof words === "string" ? words : REDACT_FAILED
    return prepareProgress(progress)
  }

  /** `intent` is the turn's message, `outcome_description` its prompt, labels its attributes. */
  start(payload: StartPayload): StartPayload {
    if (this.hook === undefined) return payload
    const { intent, outcome_description, labels, ...identity } = payload
    const turn: TurnInput = { message: intent }
    if (outcome_description !== undefined) turn.prompt = outcome_description
    if (labels !== undefined) turn.attributes = { ...labels }
    const safe = this.ask(turn, "start")
    if (safe === undefined) return { ...identity, intent: REDACT_FAILED }
    const started: StartPayload = { ...identity, intent: cutText(safe.message ?? "…", LIMITS.intentBytes) }
    if (safe.prompt !== undefined) started.outcome_description = cutText(safe.prompt, LIMITS.noteBytes)
    const kept = Object.entries(safe.attributes ?? {}).slice(0, LIMITS.labels)
    if (kept.length > 0)
      started.labels = Object.fromEntries(
        kept.map(([key, value]) => [
          cutText(key, LIMITS.labelBytes),
          cutText(String(value), LIMITS.labelBytes),
        ]),
      )
    return started
  }

  /** `summary` is the turn's message, all but status and time is in its attributes. */
  outcome(outcome: AgentOutcome): AgentOutcome {
    if (this.hook === undefined) return outcome
    const { status, timestamp, summary, ...rest } = outcome
    const fixed = timestamp === undefined ? { status } : { status, timestamp }
    const { turn } = prepareTurn({ attributes: rest })
    if (summary !== undefined) turn.message = summary
    const safe = this.ask(turn, "outcome")
    if (safe === undefined) return { ...fixed, summary: REDACT_FAILED }
    return prepareOutcome({
      ...safe.attributes,
      ...fixed,
      ...(safe.message !== undefined && { summary: safe.message }),
    })
  }

  private ask(turn: TurnInput, part: RedactedPart): TurnInput | undefined {
    return this.prepared(turn, part)?.turn
  }

  /** What the hook gives back, in a shape that can be relied on; undefined when it failed. */
  private prepared(turn: TurnInput, part: RedactedPart): PreparedTurn | undefined {
    try {
      const safe: unknown = this.hook?.(turn, part)
      if (typeof safe !== "object" || safe === null || Array.isArray(safe) || "then" in safe)
        throw new TypeError("it gave back no turn")
      const prepared = prepareTurn(safe)
      this.failing = false
      return prepared
    } catch (thrown) {
      // One report for each time that it begins to fail: every turn may.
      if (!this.failing)
        this.report(
          new AgentError("callback_failed", `redact failed: ${messageOf(thrown)}`, { cause: thrown }),
        )
      this.failing = true
      return undefined
    }
  }
}

/** What holds no content of a turn, and the marker. */
function marked(turn: TurnInput): PreparedTurn {
  const { kind, started_at, duration_ms, usage, cost_usd, child_run_id, error } = turn
  const safe: TurnInput = {
    message: REDACT_FAILED,
    ...(kind !== undefined && { kind }),
    ...(started_at !== undefined && { started_at }),
    ...(duration_ms !== undefined && { duration_ms }),
    ...(usage !== undefined && { usage }),
    ...(cost_usd !== undefined && { cost_usd }),
    ...(child_run_id !== undefined && { child_run_id }),
    ...(error !== undefined && { error: { message: REDACT_FAILED } }),
  }
  return { turn: safe, bytes: utf8Bytes(JSON.stringify(safe)) }
}
