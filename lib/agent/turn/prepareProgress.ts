import type { CommandInput } from "@/lib/protocol/catalogue"
import { LIMITS } from "@/lib/protocol/limits"
import { cutText, newestText } from "./cutText"
import { jsonCopy } from "./jsonCopy"

type Wire = NonNullable<CommandInput<"runs.report_progress">["progress"]>

/** What an agent does now, as its author writes it: the protocol's fields, with any value as parameters. */
export type AgentProgress = Omit<Wire, "parameters" | "started_at"> & {
  parameters?: unknown
  started_at?: string | number | Date
}

/** Makes progress that the server takes; never throws. Parameters over 16 KiB become the beginning of their JSON text. */
export function prepareProgress(progress: AgentProgress): Wire {
  const wire: Wire = {}
  for (const field of ["kind", "tool", "model"] as const)
    if (progress[field] !== undefined) wire[field] = cutText(String(progress[field]), LIMITS.nameBytes)
  for (const field of ["text", "text_delta"] as const)
    if (progress[field] !== undefined)
      wire[field] = newestText(String(progress[field]), LIMITS.progressTextBytes)
  if (progress.prompt !== undefined) wire.prompt = cutText(String(progress.prompt), LIMITS.progressTextBytes)
  if (progress.waiting_for !== undefined)
    wire.waiting_for = cutText(String(progress.waiting_for), LIMITS.noteBytes)
  if (progress.started_at !== undefined) {
    const time = new Date(progress.started_at)
    if (!Number.isNaN(time.getTime())) wire.started_at = time.toISOString()
  }
  const { value, keys, depth } = jsonCopy(progress.parameters)
  if (value !== undefined) {
    const text = JSON.stringify(value)
    const large = text.length > LIMITS.progressTextBytes || keys > 1_000 || depth > LIMITS.jsonDepth - 8
    wire.parameters = large ? cutText(text, LIMITS.progressTextBytes) : value
  }
  return wire
}
