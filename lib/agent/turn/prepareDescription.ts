import type { RunOptions } from "@/lib/agent/AgentTurn"
import type { UpdatePayload } from "@/lib/agent/delivery/DeliveryOptions"
import { LIMITS } from "@/lib/protocol/limits"
import { cutText } from "./cutText"

/** The fields of a run that describe it and may change later. */
type RunDescription = Partial<Pick<RunOptions, "intent" | "agentName" | "outcomeDescription" | "labels">>

/** Builds the descriptive fields of `runs.start` and `runs.update`, cut to the protocol's limits. */
export function prepareDescription(description: RunDescription): UpdatePayload {
  const { intent, agentName, outcomeDescription } = description
  const labels = prepareLabels(description.labels)
  return {
    ...(intent !== undefined && { intent: cutText(String(intent), LIMITS.intentBytes) }),
    ...(agentName !== undefined && { agent_name: cutText(String(agentName), LIMITS.nameBytes) }),
    ...(outcomeDescription !== undefined && {
      outcome_description: cutText(String(outcomeDescription), LIMITS.noteBytes),
    }),
    ...(labels !== undefined && { labels }),
  }
}

/** Returns labels within the protocol's limits, or undefined if there are none. */
export function prepareLabels(labels: RunOptions["labels"] = {}): Record<string, string> | undefined {
  const prepared = Object.entries(labels)
    .filter(([, value]) => value !== undefined && value !== null)
    .slice(0, LIMITS.labels)
    .map(([key, value]) => [cutText(key, LIMITS.labelBytes), cutText(String(value), LIMITS.labelBytes)])
  return prepared.length > 0 ? Object.fromEntries(prepared) : undefined
}
