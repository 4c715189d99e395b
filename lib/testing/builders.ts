import type { Principal } from "@/lib/protocol/access"
import type { CommandPayload } from "@/lib/protocol/catalog"
import type { CancelRequested } from "@/lib/protocol/events"
import { DEFAULT_LIMITS, type Limits } from "@/lib/protocol/limits"
import type { RunSummary } from "@/lib/protocol/run"
import type { RunTurn } from "@/lib/protocol/turn"
import { noTotals } from "@/lib/trace/turnTotals"
import type { RunOwner } from "@/server/registry/RegistryEvents"

type SentTurn = CommandPayload<"runs.record_turns">["turns"][number]

/** Builds a turn as an agent sends it. */
export function aTurn(more: Partial<SentTurn> = {}): SentTurn {
  return { tool: "Bash", parameters: { command: "ls" }, output: "README.md", ...more }
}

/** Builds a turn as viewers receive it. */
export function aStoredTurn(index: number, more: Partial<RunTurn> = {}): RunTurn {
  return {
    index,
    recorded_at: "2026-01-01T00:00:00.000Z",
    kind: "model",
    message: `turn ${index}`,
    verifier_verdict: "not_run",
    ...more,
  }
}

/** Builds the summary of a run in progress. */
export function aRun(more: Partial<RunSummary> = {}): RunSummary {
  return {
    run_id: "run-1",
    agent_id: "agent/a",
    client_id: "client-1",
    intent: "Fix the build",
    started_at: "2026-01-01T00:00:00.000Z",
    status: "in_progress",
    cursor: 0,
    connected: true,
    child_count: 0,
    labels: {},
    totals: noTotals(),
    ...more,
  }
}

/** Builds a principal that may do everything. */
export function aPrincipal(more: Partial<Principal> = {}): Principal {
  return {
    token_id: "token-1",
    name: "everyone",
    write: ["*"],
    read: "all",
    control: true,
    mint: false,
    ...more,
  }
}

/** Builds a principal that may read everything and write nothing. */
export function aViewer(more: Partial<Principal> = {}): Principal {
  return aPrincipal({ token_id: "token-v", name: "viewer", write: [], ...more })
}

/** Builds an agent's connection. `cancels`: the cancellation requests that it has received. */
export function anOwner(id = "owner-1"): RunOwner & { cancels: CancelRequested[] } {
  const cancels: CancelRequested[] = []
  return {
    id,
    client_id: `client of ${id}`,
    requestCancel: (request) => cancels.push(request),
    cancels,
    disconnect: () => {},
  }
}

/** Returns the default limits, with overrides. */
export function someLimits(more: Partial<Limits> = {}): Limits {
  return { ...DEFAULT_LIMITS, ...more }
}
