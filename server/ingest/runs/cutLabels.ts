import { keepStart } from "@/lib/protocol/bytes"
import { LIMITS } from "@/lib/protocol/limits"

/** Cuts labels to the protocol's limits. */
export function cutLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(labels).slice(0, LIMITS.labels)
  return Object.fromEntries(
    entries.map(([name, value]) => [keepStart(name, LIMITS.labelBytes), keepStart(value, LIMITS.labelBytes)]),
  )
}
