import type { AgentError } from "@/lib/agent/AgentError"
import type { ChildLink } from "@/lib/agent/AgentTurn"
import type { CommandInput } from "@/lib/protocol/catalog"
import type { AgentConnection } from "./AgentConnection"
import type { TurnQueue } from "./TurnQueue"

export type StartPayload = Extract<CommandInput<"runs.start">, { intent: string }>
export type UpdatePayload = Omit<CommandInput<"runs.update">, "run_id">

export type DeliveryOptions = {
  connection: Pick<AgentConnection, "epoch" | "online" | "call">
  queue: TurnQueue
  start: StartPayload | { run_id: string }
  parent?: ChildLink
  /** Turns are numbered from 0 in the order they are recorded. Turns that the run already has are skipped. */
  indexedTurns?: boolean
  report: (error: AgentError) => void
  onStarted: (runId: string) => void
  /** Called when everything is sent and the run belongs to this connection, so progress may be sent. */
  onIdle: () => void
  onOver: () => void
}
