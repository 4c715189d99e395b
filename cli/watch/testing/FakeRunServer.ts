import type { RunServer } from "@/cli/watch/runs/ServerConnection"
import type { CommandInput, CommandName, Reply } from "@/lib/protocol/catalog"
import type { WireError } from "@/lib/protocol/codes"
import type { TurnInput } from "@/lib/protocol/turn"

export type FakeRun = {
  runId: string
  key: string
  start: Extract<CommandInput<"runs.start">, { intent: string }>
  turns: TurnInput[]
  status: "in_progress" | "completed"
  outcome: CommandInput<"runs.complete">["outcome"] | undefined
  progress: CommandInput<"runs.report_progress">["progress"]
  endedAt?: string
}

/** A server's runs in memory. It follows the rules of the protocol that `SessionRuns` relies on. */
export class FakeRunServer implements RunServer {
  epoch = 1
  online = true
  maxTurns = 10_000
  /** Decides which turns the server refuses. A batch with such a turn is refused as a whole. */
  refuses: (turn: TurnInput) => boolean = () => false
  readonly runs: FakeRun[] = []
  readonly listeners = new Set<() => void>()
  private reachable = Promise.resolve()

  get list(): { key: string; status: string; turns: number; outcome: string | undefined }[] {
    return this.runs.map(({ key, status, turns, outcome }) => ({
      key,
      status,
      turns: turns.length,
      outcome: outcome?.status,
    }))
  }

  onOnline(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Simulates a new connection. */
  reconnect(): void {
    this.epoch++
    for (const listener of this.listeners) listener()
  }

  /** From now on, commands wait until the returned function is called. */
  disconnect(): () => void {
    let reached = () => {}
    this.online = false
    this.reachable = new Promise((resolve) => {
      reached = resolve
    })
    return () => {
      this.online = true
      this.reconnect()
      reached()
    }
  }

  async call<N extends CommandName>(event: N, payload: CommandInput<N>): Promise<Reply<N> | undefined> {
    await this.reachable
    return this.answer(event, payload) as Reply<N>
  }

  callOnce<N extends CommandName>(event: N, payload: CommandInput<N>): Promise<Reply<N> | undefined> {
    return this.call(event, payload)
  }

  private answer(event: CommandName, payload: unknown): unknown {
    if (event === "runs.start") return this.start(payload as CommandInput<"runs.start">)
    const run = this.runs.find(({ runId }) => runId === (payload as { run_id: string }).run_id)
    if (run === undefined) return refusal({ code: "not_found", message: "unknown run" }, "run_not_found")
    if (event === "runs.record_turns") return this.record(run, payload as CommandInput<"runs.record_turns">)
    if (event === "runs.complete") return complete(run, payload as CommandInput<"runs.complete">)
    if (event === "runs.report_progress")
      run.progress = (payload as CommandInput<"runs.report_progress">).progress
    if (event === "runs.update") {
      const { intent, labels } = payload as CommandInput<"runs.update">
      if (intent !== undefined) run.start.intent = intent
      run.start.labels = { ...run.start.labels, ...labels }
    }
    return { ok: true, run_id: run.runId }
  }

  private start(payload: CommandInput<"runs.start">): unknown {
    const key = "idempotency_key" in payload ? payload.idempotency_key : undefined
    const known = this.runs.find((run) =>
      payload.run_id === undefined ? run.key === key : run.runId === payload.run_id,
    )
    if (known === undefined && !("intent" in payload))
      return refusal({ code: "not_found", message: "unknown run" })
    const run = known ?? this.create(payload as FakeRun["start"])
    return {
      ok: true,
      run_id: run.runId,
      agent_id: "a",
      created: known === undefined,
      cursor: run.turns.length,
      status: run.status,
      ...(run.status === "completed" && { ended_at: run.endedAt ?? new Date().toISOString() }),
      ...(run.start.labels?.recorded_by !== undefined && { recorded_by: run.start.labels.recorded_by }),
    }
  }

  private create(start: FakeRun["start"]): FakeRun {
    const run: FakeRun = {
      runId: `run-${this.runs.length + 1}`,
      key: start.idempotency_key ?? "",
      start: { ...start },
      turns: [],
      status: "in_progress",
      outcome: undefined,
      progress: null,
    }
    this.runs.push(run)
    return run
  }

  private record(
    run: FakeRun,
    { turns, expected_index, progress }: CommandInput<"runs.record_turns">,
  ): unknown {
    if (run.status === "completed")
      return refusal({ code: "already_terminal", message: "ended" }, "run_terminal")
    if (expected_index !== run.turns.length)
      return refusal(
        { code: "index_conflict", message: "conflict", cursor: run.turns.length },
        "index_conflict",
      )
    if (run.turns.length + turns.length > this.maxTurns)
      return refusal({ code: "too_large", message: "full" }, "run_turn_limit")
    if (turns.some(this.refuses)) return refusal({ code: "invalid_params", message: "bad turn" })
    const base_index = run.turns.length
    run.turns.push(...turns)
    run.progress = progress ?? null
    return { ok: true, run_id: run.runId, base_index, count: turns.length }
  }
}

function complete(run: FakeRun, { outcome }: CommandInput<"runs.complete">): unknown {
  if (run.status === "completed") return refusal({ code: "already_terminal", message: "ended" })
  run.status = "completed"
  run.outcome = outcome
  return { ok: true, run_id: run.runId }
}

function refusal(error: WireError, dropped?: string): object {
  return { ok: false, error, ...(dropped === undefined ? {} : { dropped }) }
}
