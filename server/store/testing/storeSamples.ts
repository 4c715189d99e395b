import type { AppendBatch, EncodedTurn, NewRun, RunQuery } from "@/server/store/RunStore"
import { NO_TOTALS } from "@/server/store/runTransitions"

let made = 0

/** Returns a new run with a unique id, by default of the agent `robot`. */
export function aNewRun(given: Partial<NewRun> = {}): NewRun {
  const no = String(++made).padStart(6, "0")
  return {
    run_id: `run-${no}`,
    agent_id: "robot",
    client_id: "client",
    intent: `errand ${no}`,
    started_at: "2026-01-02T03:04:05.678Z",
    labels: {},
    owner: "connection-1",
    writer: ["*"],
    ...given,
  }
}

/** Returns an encoded turn with a message, ready to be stored. */
export function anEncodedTurn(message: string, given: Partial<EncodedTurn> = {}): EncodedTurn {
  return {
    body: JSON.stringify({ kind: "model", message }),
    outline: JSON.stringify({ kind: "model", title: message.slice(0, 40) }),
    totals: NO_TOTALS,
    ...given,
  }
}

/** Returns a batch with one turn per message. */
export function aBatch(
  run_id: string,
  messages: readonly string[],
  given: Partial<AppendBatch> = {},
): AppendBatch {
  return {
    run_id,
    writer: ["robot"],
    owner: "connection-1",
    turns: messages.map((message) => anEncodedTurn(message)),
    recorded_at: "2026-01-02T03:05:00.000Z",
    maxTurns: 10_000,
    ...given,
  }
}

/** Returns a query for the first page of all runs; `given` overrides its fields. */
export function aQuery(given: Partial<RunQuery> = {}): RunQuery {
  return { readers: ["*"], filter: {}, limit: 50, ...given }
}
