import { createServer, type Server as HttpServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Server } from "socket.io"
import { COMMANDS, type CommandName } from "@/lib/protocol/catalog"
import { checkShape } from "@/lib/protocol/shape"
import type { TurnInput } from "@/lib/protocol/turn"

export type FakeRun = {
  run_id: string
  agent_id: string
  key?: string
  start: Record<string, unknown>
  turns: TurnInput[]
  batches: Map<string, { base_index: number; count: number }>
  status: "in_progress" | "completed" | "incomplete"
  outcome?: unknown
}

export type Received = { event: CommandName; payload: Record<string, unknown> & { run_id?: string } }

/**
 * What happens to a command. `lose-ack`: it is executed, but not acknowledged. `ignore`: it is neither executed nor
 * acknowledged. `cut`: all connections are closed before it is executed. `cut-after`: all connections are closed after
 * it was executed. An object: the reply that is sent without executing the command.
 */
export type Interception = "lose-ack" | "ignore" | "cut" | "cut-after" | object | undefined

/** An in-memory server with the commands that agents need. It misbehaves on demand. Its runs survive `stop`. */
export class FakeTurnline {
  readonly runs = new Map<string, FakeRun>()
  readonly received: Received[] = []
  /** If set, connections are refused with this `err.data`. */
  refuse: object | undefined
  intercept: (command: Received) => Interception = () => undefined
  connections = 0
  port = 0
  maxMessageBytes = 8 * 1024 * 1024
  private io: Server | undefined
  private http: HttpServer | undefined
  private readonly watchers = new Set<() => void>()

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async listen(): Promise<this> {
    const http = createServer()
    this.http = http
    this.io = new Server(http, { maxHttpBufferSize: this.maxMessageBytes })
    this.io.use((_socket, next) => {
      this.connections++
      this.changed()
      if (this.refuse === undefined) next()
      else next(Object.assign(new Error("refused"), { data: this.refuse }))
    })
    this.io.on("connection", (socket) => {
      socket.onAny((event: string, payload: unknown, acknowledge: unknown) =>
        this.take(
          event,
          payload,
          typeof acknowledge === "function" ? (reply) => acknowledge(reply) : () => {},
        ),
      )
    })
    await new Promise<void>((resolve) => http.listen(this.port, "127.0.0.1", resolve))
    this.port = (http.address() as AddressInfo).port
    return this
  }

  /** Stops like a server on SIGTERM: without a Socket.IO DISCONNECT. */
  async stop(): Promise<void> {
    this.io?.engine.close()
    this.http?.closeAllConnections()
    await new Promise<void>((resolve) => this.http?.close(() => resolve()))
    this.io = undefined
  }

  /** Closes all transports. */
  cut(): void {
    for (const socket of this.io?.sockets.sockets.values() ?? []) socket.conn.close(true)
  }

  /** Sends DISCONNECT to all clients, as when their token is revoked. */
  disconnectAll(): void {
    this.io?.disconnectSockets(true)
  }

  emit(event: string, payload: unknown): void {
    this.io?.emit(event, payload)
  }

  /** Resolves once a condition is true. The condition is checked after each command and connection. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!holds()) return
        this.watchers.delete(check)
        resolve()
      }
      this.watchers.add(check)
      check()
    })
  }

  /** The only run. Throws if there isn't exactly one. */
  get run(): FakeRun {
    const [run, ...more] = this.runs.values()
    if (run === undefined || more.length > 0) throw new Error(`${this.runs.size} runs`)
    return run
  }

  private changed(): void {
    for (const check of [...this.watchers]) check()
  }

  private take(event: string, payload: unknown, reply: (reply: object) => void): void {
    const command = { event, payload } as Received
    this.received.push(command)
    const fate = this.intercept(command)
    if (fate === "cut") this.cut()
    else if (typeof fate === "object") reply(fate)
    else if (fate !== "ignore") {
      const result = this.execute(command)
      if (fate === undefined) reply(result)
      if (fate === "cut-after") this.cut()
    }
    this.changed()
  }

  /** Executes a command as if it arrived now, over a connection that its client has abandoned. */
  execute({ event, payload }: Received): object {
    const turns = event === "runs.record_turns" && Array.isArray(payload.turns) ? payload.turns : [payload]
    for (const turn of turns) {
      const fault = checkShape(turn)
      if (fault !== undefined) return refusal("invalid_params", fault.message)
    }
    const parsed = COMMANDS[event].safeParse(payload)
    if (!parsed.success) return refusal("invalid_params", parsed.error.message)
    if (event === "runs.start") return this.start(payload)
    const run = this.runs.get(payload.run_id ?? "")
    if (run === undefined) return { ...refusal("not_found", "no such run"), dropped: "run_not_found" }
    const { run_id } = run
    if (event === "runs.record_turns") return this.append(run, payload)
    if (event === "runs.complete") {
      if (run.status !== "in_progress")
        return JSON.stringify(run.outcome) === JSON.stringify(payload.outcome)
          ? { ok: true, run_id, duplicate: true }
          : refusal("already_terminal", "ended")
      run.status = "completed"
      run.outcome = payload.outcome
    }
    return { ok: true, run_id }
  }

  private start(payload: Received["payload"]): object {
    const known = [...this.runs.values()].find(
      (run) =>
        run.run_id === payload.run_id || (run.key !== undefined && run.key === payload.idempotency_key),
    )
    if (known === undefined && payload.run_id !== undefined) return refusal("not_found", "no such run")
    const run: FakeRun = known ?? {
      run_id: `run-${this.runs.size + 1}`,
      agent_id: String(payload.agent_id ?? "agent"),
      start: payload,
      turns: [],
      batches: new Map(),
      status: "in_progress",
      ...(payload.idempotency_key === undefined ? {} : { key: String(payload.idempotency_key) }),
    }
    this.runs.set(run.run_id, run)
    const { run_id, agent_id, status } = run
    return { ok: true, run_id, agent_id, created: known === undefined, cursor: run.turns.length, status }
  }

  private append(run: FakeRun, payload: Received["payload"]): object {
    const { run_id } = run
    const key = payload.idempotency_key
    const before = typeof key === "string" ? run.batches.get(key) : undefined
    if (before !== undefined) return { ok: true, run_id, ...before, duplicate: true }
    if (run.status !== "in_progress")
      return { ...refusal("already_terminal", "The run has ended."), dropped: "run_terminal" }
    const cursor = run.turns.length
    if (payload.expected_index !== undefined && payload.expected_index !== cursor) {
      const error = { code: "index_conflict", message: "The run is at another cursor.", cursor }
      return { ok: false, error, dropped: "index_conflict" }
    }
    const turns = structuredClone(payload.turns) as TurnInput[]
    const stored = { base_index: run.turns.length, count: turns.length }
    run.turns.push(...turns)
    if (typeof key === "string") run.batches.set(key, stored)
    return { ok: true, run_id, ...stored }
  }
}

export function refusal(
  code: string,
  message: string,
): { ok: false; error: { code: string; message: string } } {
  return { ok: false, error: { code, message } }
}
