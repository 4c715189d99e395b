import { strings } from "@/components/run/strings"
import { TURN_KINDS, type TurnKind } from "@/lib/protocol/enums"
import type { Progress } from "@/lib/protocol/run"
import { keepLastChars } from "@/lib/trace/keepChars"
import { firstArgument } from "@/lib/trace/outlineTurn"

const MAX_TEXT_CHARS = 240

/**
 * Describes the pending turn in one line: its tool, then what it waits for, its first argument, or the end of its text.
 */
export function pendingTitle(progress: Progress): { tool: string; rest: string } {
  const tool = progress.tool?.slice(0, 80) ?? ""
  if (progress.waiting_for !== undefined && progress.waiting_for !== "")
    return { tool, rest: strings.timeline.waitingFor(progress.waiting_for) }
  const text = endOf(progress.text)
  if (tool !== "") return { tool, rest: firstArgument(progress.parameters) || text }
  const prompt = progress.prompt?.slice(0, MAX_TEXT_CHARS)
  return { tool, rest: text || prompt || progress.model || strings.timeline.thinking }
}

function endOf(text = ""): string {
  const trimmed = text.trimEnd()
  return trimmed.length <= MAX_TEXT_CHARS ? trimmed : `…${keepLastChars(trimmed, MAX_TEXT_CHARS)}`
}

/** Returns the kind that the pending turn will have. */
export function pendingKind(progress: Progress): TurnKind {
  const kind = TURN_KINDS.find((one) => one === progress.kind)
  return kind ?? (progress.tool === undefined ? "model" : "tool")
}
