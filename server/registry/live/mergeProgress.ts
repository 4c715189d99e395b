import { keepEnd, keepStart } from "@/lib/protocol/bytes"
import type { ProgressInput } from "@/lib/protocol/commands"
import type { WaitingKind } from "@/lib/protocol/enums"
import { LIMITS } from "@/lib/protocol/limits"
import type { Progress } from "@/lib/protocol/run"
import { cutForWire } from "@/lib/trace/cutForWire"

/** The default for `waiting_for`, by kind. */
const WAITING_TEXTS: Record<WaitingKind, string> = {
  approval: "approval",
  answer: "an answer",
  prompt: "the next prompt",
  other: "something",
}

/**
 * Merges a report into the known progress. Fields of the report replace the known ones; fields that it lacks don't
 * change. `text` replaces the text, and `text_delta` is then appended. Keeps the newest 16 KiB (or `textBytes`) of the
 * text and truncates a prompt to 16 KiB. Cuts strings over 16 KiB in parameters, and drops parameters whose JSON could
 * then still exceed 64 KiB. An empty `waiting_for` clears both waiting fields.
 */
export function mergeProgress(
  known: Progress,
  report: ProgressInput,
  textBytes: number = LIMITS.progressTextBytes,
): Progress {
  const { text, text_delta, prompt, parameters, waiting_for, waiting_kind, ...fields } = report
  const merged: Progress = { ...known }
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) Object.assign(merged, { [key]: value })
  }
  if (text !== undefined || text_delta !== undefined) {
    merged.text = keepEnd((text ?? known.text ?? "") + (text_delta ?? ""), textBytes)
  }
  if (prompt !== undefined) merged.prompt = keepStart(prompt, LIMITS.wireStringBytes)
  if (parameters !== undefined) setParameters(merged, parameters)
  setWaiting(merged, waiting_for, waiting_kind)
  return merged
}

function setWaiting(merged: Progress, text: string | undefined, kind: WaitingKind | undefined): void {
  if (text === "") {
    delete merged.waiting_for
    delete merged.waiting_kind
    return
  }
  // The previous kind of waiting doesn't apply to a new `waiting_for`.
  if (text !== undefined && text !== merged.waiting_for) delete merged.waiting_kind
  const waitingFor = text ?? merged.waiting_for ?? (kind && WAITING_TEXTS[kind])
  if (waitingFor !== undefined) merged.waiting_for = waitingFor
  if (kind !== undefined) merged.waiting_kind = kind
}

function setParameters(merged: Progress, parameters: NonNullable<ProgressInput["parameters"]> | null): void {
  const cut = cutForWire({ kind: "tool", verifier_verdict: null, parameters }).parameters
  const isSmall = cut !== undefined && JSON.stringify(cut).length * 3 <= LIMITS.wireStringBytes * 4
  if (isSmall) merged.parameters = cut
  else delete merged.parameters
}
