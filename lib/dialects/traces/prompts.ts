import { type Message, messageDigest, messageText } from "@/lib/dialects/messages/Message"
import type { Scope } from "./TracedRun"

const MAX_DIGESTS = 4_000

/**
 * Returns the system and user messages of a call's input that are new to the conversation, and remembers them. Calls
 * normally repeat the history. If a call shares no message with the previous one, the sender only sends new messages.
 * An agent inside another agent also knows the outer agent's messages.
 */
export function newPrompt(scopes: readonly Scope[], input: readonly Message[]): string | undefined {
  const [scope] = scopes
  if (scope === undefined) return undefined
  const digests = input.map(messageDigest)
  const known = new Set(scope.lastInput)
  const isDelta = scope.hasCalled && !digests.some((digest) => known.has(digest))
  const counts = new Map<string, number>()
  const fresh: Message[] = []
  input.forEach((message, index) => {
    const digest = digests[index] ?? ""
    const occurrence = (counts.get(digest) ?? 0) + 1
    counts.set(digest, occurrence)
    if (message.role !== "system" && message.role !== "user") return
    if (messageText(message) === "") return
    const seen = isDelta && message.role === "user" ? 0 : timesSeen(scopes, digest)
    if (occurrence > seen) fresh.push(message)
  })
  for (const [digest, times] of counts) scope.seen.set(digest, Math.max(times, scope.seen.get(digest) ?? 0))
  trim(scope.seen)
  scope.lastInput = digests.slice(0, MAX_DIGESTS)
  return fresh.length === 0 ? undefined : joinPrompts(fresh)
}

function timesSeen(scopes: readonly Scope[], digest: string): number {
  return Math.max(...scopes.map((scope) => scope.seen.get(digest) ?? 0))
}

function joinPrompts(messages: readonly Message[]): string {
  return messages.map((message) => messageText(message)).join("\n\n")
}

/** Returns the newest user message in a call's input. */
export function newestUserText(input: readonly Message[]): string | undefined {
  const last = input.findLast((message) => message.role === "user" && messageText(message) !== "")
  return last === undefined ? undefined : messageText(last)
}

function trim(seen: Map<string, number>): void {
  for (const key of seen.keys()) {
    if (seen.size <= MAX_DIGESTS) return
    seen.delete(key)
  }
}
