import type { ProgressInput } from "@/lib/protocol/commands"
import { LIMITS } from "@/lib/protocol/limits"
import type { Progress } from "@/lib/protocol/run"
import { cutForWire } from "@/lib/trace/cutForWire"
import { keepEnd, keepStart } from "@/lib/trace/cutText"

/**
 * Lays a report over what is known: fields given replace, others stay; `text` replaces, then `text_delta` appends.
 * The text's newest 16 KiB (or `textBytes`) are kept; a prompt is cut at 16 KiB, parameters over 16 KiB are left out.
 * An empty `waiting_for` says that nothing is waited for any more.
 */
export function mergeProgress(
  known: Progress,
  report: ProgressInput,
  textBytes: number = LIMITS.progressTextBytes,
): Progress {
  const { text, text_delta, prompt, parameters, waiting_for, ...fields } = report
  const merged: Progress = { ...known }
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) Object.assign(merged, { [key]: value })
  }
  if (text !== undefined || text_delta !== undefined) {
    merged.text = keepEnd((text ?? known.text ?? "") + (text_delta ?? ""), textBytes)
  }
  if (prompt !== undefined) merged.prompt = keepStart(prompt, LIMITS.wireStringBytes)
  if (parameters !== undefined) setParameters(merged, parameters)
  if (waiting_for === "") delete merged.waiting_for
  else if (waiting_for !== undefined) merged.waiting_for = waiting_for
  return merged
}

function setParameters(merged: Progress, parameters: NonNullable<ProgressInput["parameters"]> | null): void {
  const cut = cutForWire({ kind: "tool", verifier_verdict: null, parameters }).parameters
  const small = cut !== undefined && JSON.stringify(cut).length * 3 <= LIMITS.wireStringBytes * 4
  if (small) merged.parameters = cut
  else delete merged.parameters
}
