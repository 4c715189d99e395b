import { AgentError } from "@/lib/agent/AgentError"
import type { AgentOutcome, AgentProgress, AgentTurn } from "@/lib/agent/AgentTurn"
import type { StartPayload, UpdatePayload } from "@/lib/agent/delivery/DeliveryOptions"
import { utf8Bytes } from "@/lib/protocol/bytes"
import { LIMITS } from "@/lib/protocol/limits"
import { type Fields, isFields } from "@/lib/protocol/tolerance/values"
import type { TurnInput } from "@/lib/protocol/turn"
import { cutText } from "./cutText"
import { isoTimeOf } from "./isoTimeOf"
import { messageOf } from "./messageOf"
import { prepareLabels } from "./prepareDescription"
import { prepareOutcome } from "./prepareOutcome"
import { type PreparedProgress, prepareProgress } from "./prepareProgress"
import { type PreparedTurn, prepareTurn } from "./prepareTurn"
import type { RedactableTurn, RedactedPart, RedactHook } from "./RedactHook"

/** Replaces content when the hook fails. */
export const REDACTION_FAILED = "[redacted: the redact hook failed]"

/**
 * Applies the `redact` hook to all content that leaves the process. Turns are passed as they are; progress, start and
 * outcome are passed in the form of a turn. Fails closed: if the hook throws or doesn't return a turn, a marker
 * replaces the content.
 */
export class Redaction {
  private isFailing = false

  constructor(
    private readonly hook: RedactHook | undefined,
    private readonly report: (error: AgentError) => void,
  ) {}

  turn(prepared: PreparedTurn): PreparedTurn {
    if (this.hook === undefined) return prepared
    return this.apply({ ...prepared.turn }, "turn") ?? withoutContent(prepared.turn)
  }

  /** Redacts progress. The hook gets `text` as the turn's message, and `waiting_for` in the turn's attributes. */
  progress(progress: PreparedProgress | null): PreparedProgress | null {
    if (this.hook === undefined || progress === null) return progress
    const { text, waiting_for, waiting_kind, started_at, text_delta: _, ...rest } = progress
    const turn: RedactableTurn = { ...rest }
    if (text !== undefined) turn.message = text
    if (waiting_for !== undefined) turn.attributes = { waiting_for }
    const safe = this.apply(turn, "progress")?.turn
    const kept: AgentProgress = {
      ...(started_at !== undefined && { started_at }),
      ...(waiting_kind !== undefined && { waiting_kind }),
    }
    if (safe === undefined)
      return prepareProgress({
        ...kept,
        ...(rest.kind !== undefined && { kind: rest.kind }),
        // The fact that the run is waiting isn't secret; what it waits for may be.
        ...(waiting_for !== undefined && { waiting_for: REDACTION_FAILED }),
        text: REDACTION_FAILED,
      })
    const waitingFor = safe.attributes?.waiting_for
    return prepareProgress({
      ...kept,
      ...pick(safe, ["kind", "tool", "model", "prompt", "parameters"]),
      ...(safe.message !== undefined && { text: safe.message }),
      ...(waiting_for !== undefined && {
        waiting_for: typeof waitingFor === "string" ? waitingFor : REDACTION_FAILED,
      }),
    })
  }

  /**
   * Redacts a run's start. The hook gets `intent` as the turn's message, `outcome_description` as its prompt, and the
   * labels as its attributes.
   */
  start(payload: StartPayload): StartPayload {
    const { intent, outcome_description, labels, ...identity } = payload
    const safe = this.description({ intent, outcome_description, labels })
    return { ...identity, ...safe, intent: safe.intent ?? REDACTION_FAILED }
  }

  /** Redacts changes to a run's description, which the hook gets in the same form as the start. */
  update(payload: UpdatePayload): UpdatePayload {
    const { intent, outcome_description, labels, ...identity } = payload
    return { ...identity, ...this.description({ intent, outcome_description, labels }) }
  }

  /**
   * Redacts an outcome. The hook gets the summary as the turn's message, and all other fields except the status and the
   * time in its attributes.
   */
  outcome(outcome: AgentOutcome): AgentOutcome {
    if (this.hook === undefined) return outcome
    const { status, timestamp, summary, ...rest } = outcome
    const fixed = timestamp === undefined ? { status } : { status, timestamp }
    const { turn } = prepareTurn({ attributes: rest })
    const safe = this.apply({ ...turn, ...(summary !== undefined && { message: summary }) }, "outcome")?.turn
    if (safe === undefined) return { ...fixed, summary: REDACTION_FAILED }
    return prepareOutcome({
      ...safe.attributes,
      ...fixed,
      ...(safe.message !== undefined && { summary: safe.message }),
    })
  }

  private description(given: Description): Description {
    const { intent, outcome_description, labels } = given
    if (this.hook === undefined) return withoutUndefined(given)
    const turn: RedactableTurn = {}
    if (intent !== undefined) turn.message = intent
    if (outcome_description !== undefined) turn.prompt = outcome_description
    if (labels !== undefined) turn.attributes = { ...labels }
    const safe = this.apply(turn, "start")?.turn
    if (safe === undefined) return {}
    const safeLabels = prepareLabels(safe.attributes as Record<string, string> | undefined)
    return {
      ...(intent !== undefined && { intent: cutText(safe.message ?? "…", LIMITS.intentBytes) }),
      ...(safe.prompt !== undefined && { outcome_description: cutText(safe.prompt, LIMITS.noteBytes) }),
      ...(safeLabels !== undefined && { labels: safeLabels }),
    }
  }

  /** Returns the hook's result, prepared for the wire, or undefined if the hook failed. */
  private apply(turn: RedactableTurn, part: RedactedPart): PreparedTurn | undefined {
    try {
      const safe: unknown = this.hook?.(turn, part)
      if (typeof safe !== "object" || safe === null || Array.isArray(safe) || "then" in safe)
        throw new TypeError("it must return the turn")
      const prepared = prepareTurn(safe as AgentTurn)
      this.isFailing = false
      return prepared
    } catch (thrown) {
      // Reported when the hook starts failing, not for every turn.
      if (!this.isFailing)
        this.report(
          new AgentError("callback_failed", `The redact hook failed: ${messageOf(thrown)}.`, {
            cause: thrown,
          }),
        )
      this.isFailing = true
      return undefined
    }
  }
}

type Description = {
  intent?: string | undefined
  outcome_description?: string | undefined
  labels?: Record<string, string> | undefined
}

function withoutUndefined(given: Description): Description {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function pick<T extends object, K extends keyof T>(source: T, keys: readonly K[]): Partial<Pick<T, K>> {
  const picked: Partial<Pick<T, K>> = {}
  for (const key of keys) if (source[key] !== undefined) picked[key] = source[key]
  return picked
}

/** Returns a turn with only the fields that carry no content. */
function withoutContent(turn: TurnInput): PreparedTurn {
  const safe: TurnInput = {
    message: REDACTION_FAILED,
    ...numbersOf(pick(turn, ["duration_ms", "cost_usd", "exit_code", "usage"])),
    ...(isoTimeOf(turn.started_at) !== undefined && pick(turn, ["started_at"])),
    ...(isShort(turn.kind) && pick(turn, ["kind"])),
    ...(isShort(turn.child_run_id) && pick(turn, ["child_run_id"])),
    ...(turn.error !== undefined && { error: { message: REDACTION_FAILED } }),
  }
  return { turn: safe, bytes: utf8Bytes(JSON.stringify(safe)) }
}

/** Returns the numbers in a value, such as token counts. Text in their place may be content. */
function numbersOf(fields: object): Fields {
  const numbers = Object.entries(fields).flatMap(([name, value]): [string, unknown][] => {
    if (typeof value === "number") return [[name, value]]
    return isFields(value) ? [[name, numbersOf(value)]] : []
  })
  return Object.fromEntries(numbers)
}

/** Returns true for text that is short enough to be an id or a kind. */
function isShort(value: unknown): boolean {
  return typeof value === "string" && value.length <= LIMITS.runIdChars
}
