import type { DialectProgress, WaitOperation } from "@/lib/dialects/operations"
import { keepStart } from "@/lib/protocol/bytes"
import type { ProgressInput } from "@/lib/protocol/commands"
import { LIMITS } from "@/lib/protocol/limits"
import { cutName, isPlausible } from "./prepareTurn"

/** Converts a run's current activity and what it waits for to progress within the protocol's limits. */
export function progressInput(
  progress: DialectProgress | null,
  waiting: WaitOperation["waiting"],
  now: number,
): ProgressInput | null {
  if (progress === null && waiting === null) return null
  const { parameters, prompt, tool, model, kind, text, started_at } = progress ?? {}
  return {
    ...(kind !== undefined && { kind: cutName(kind) }),
    ...(tool !== undefined && { tool: cutName(tool) }),
    ...(model !== undefined && { model: cutName(model) }),
    ...(prompt !== undefined && { prompt: keepStart(prompt, LIMITS.progressTextBytes) }),
    ...(text !== undefined && { text: keepStart(text, LIMITS.progressTextBytes) }),
    ...(started_at !== undefined && isPlausible(started_at, now) && { started_at }),
    ...(parameters !== undefined && { parameters: smallParameters(parameters) }),
    ...(waiting !== null && {
      waiting_for: keepStart(waiting.for, LIMITS.noteBytes),
      waiting_kind: waiting.kind,
    }),
  }
}

function smallParameters(value: unknown): ProgressInput["parameters"] {
  const text = JSON.stringify(value) ?? "null"
  return text.length > LIMITS.progressTextBytes
    ? keepStart(text, LIMITS.progressTextBytes / 2)
    : (value as NonNullable<ProgressInput["parameters"]>)
}
