import type { Agent } from "@/lib/agent/Agent"
import type { AgentRun } from "@/lib/agent/AgentRun"
import type { RunOptions } from "@/lib/agent/AgentTurn"

/**
 * Where an adapter records: an agent, which gets a new run for every operation, or an existing run, to which the
 * adapter only adds turns.
 */
export type AdapterTarget = Agent | AgentRun

export type AdapterOptions = Partial<Omit<RunOptions, "intent" | "idempotencyKey">> & {
  /** Default: the user's newest message, or the operation's name. */
  intent?: string
}

/** A run that an adapter writes. `isOwn`: the adapter started it, and ends it. */
export type AdapterRun = { run: AgentRun; isOwn: boolean }

/** Returns the run to record in. */
export function openRun(target: AdapterTarget, options: AdapterOptions, intent: string): AdapterRun {
  if (!("startRun" in target)) return { run: target, isOwn: false }
  return { run: target.startRun({ ...options, intent: options.intent ?? intent }), isOwn: true }
}

/** Returns the text of a message's content: a string, or the text parts of a list. */
export function textOfContent(content: unknown): string | undefined {
  if (typeof content === "string") return content
  if (!Array.isArray(content)) return undefined
  const texts = content.flatMap((part: unknown) =>
    typeof part === "string" ? [part] : isTextPart(part) ? [part.text] : [],
  )
  return texts.length > 0 ? texts.join("\n") : undefined
}

function isTextPart(part: unknown): part is { text: string } {
  return typeof part === "object" && part !== null && "text" in part && typeof part.text === "string"
}
