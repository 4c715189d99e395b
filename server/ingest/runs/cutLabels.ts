import { LIMITS } from "@/lib/protocol/limits"
import { cutText } from "./prepareTurn"

/** Cuts labels to the protocol's limits. */
export function cutLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(labels).slice(0, LIMITS.labels)
  return Object.fromEntries(
    entries.map(([name, value]) => [cutText(name, LIMITS.labelBytes), cutText(value, LIMITS.labelBytes)]),
  )
}
