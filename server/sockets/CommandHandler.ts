import { LRUCache } from "lru-cache"
import type { Logger } from "pino"
import type { CommandName, Refusal } from "@/lib/protocol/catalog"
import { wireError } from "@/lib/protocol/codes"
import type { IngestNote, RunsError } from "@/lib/protocol/events"
import type { ConnectionAudit } from "@/server/audit/ConnectionAudit"
import type { Metrics } from "@/server/metrics/Metrics"
import { type Clock, isoTime } from "@/server/platform/Clock"
import { redactError } from "@/server/platform/logger"
import { StoreUnavailableError } from "@/server/store/RunStore"
import { bytesToText } from "./bytesToText"
import type { CommandQueue } from "./CommandQueue"
import type { Caller, CommandResult, Handlers } from "./createHandlers"
import type { IngestLog } from "./IngestLog"
import { isCommand, parseCommand, UnreadablePayload } from "./parseCommand"
import type { ReceivedEvent } from "./ReceivedMessages"

const HEAVY: ReadonlySet<unknown> = new Set<CommandName>([
  "runs.list",
  "runs.watch",
  "runs.get_trace",
  "runs.get_turn",
  "runs.get_outline",
  "runs.search_turns",
])
const AGENT_COMMANDS: ReadonlySet<unknown> = new Set<CommandName>([
  "runs.start",
  "runs.update",
  "runs.record_turns",
  "runs.report_progress",
  "runs.complete",
])
/** The number of runs per connection whose agents are remembered, for the ingest log. */
const MAX_KNOWN_RUNS = 256

/** A reply to any command. */
type AnyReply = { ok: true; run_id?: string; agent_id?: string } | Refusal
type AnyResult = { reply: AnyReply; begin?: (() => void) | undefined }

/**
 * The data of a command that is kept until the reply. Doesn't include the command's payload, which may be megabytes.
 */
type Command = {
  event: unknown
  /** The run id as sent, if it could be one. */
  run_id: string | undefined
  bytes: number
  /** When the command started, in monotonic time. */
  began: number
  acknowledge: ((reply: AnyReply) => void) | undefined
}

type CommandHandlerParts = {
  caller: Caller
  queue: CommandQueue
  handlers: Handlers
  ingest: IngestLog
  metrics: Metrics
  audit: ConnectionAudit
  clock: Clock
  logger: Logger
  emitError: (error: RunsError) => void
  /** Called when more commands are queued than allowed, after the last command was refused. */
  onFlood: () => void
}

/** Checks, executes, answers and records a connection's commands. Never throws. */
export class CommandHandler {
  readonly #parts: CommandHandlerParts
  /** The agents of runs, by run id. Created for the first run, because even an empty cache takes 6 KiB. */
  #agents: LRUCache<string, string> | undefined

  constructor(parts: CommandHandlerParts) {
    this.#parts = parts
  }

  /** Returns the agents whose runs this connection has started recently. */
  agents(): string[] {
    return [...new Set(this.#agents?.values())]
  }

  /** Queues an event from Socket.IO as a command. */
  receive(event: unknown, args: unknown[], { bytes, hasBytes }: ReceivedEvent): void {
    if (hasBytes) bytesToText(args)
    const last = args.at(-1)
    const acknowledge = typeof last === "function" ? (last as (reply: AnyReply) => void) : undefined
    const payloads = acknowledge ? args.slice(0, -1) : args
    const { queue } = this.#parts
    const isTaken = queue.push({
      bytes,
      heavy: HEAVY.has(event),
      run: () => this.#execute(event, payloads, bytes, acknowledge),
    })
    if (!isTaken) this.#refuseFlood(this.#commandOf(event, payloads, bytes, acknowledge))
  }

  #refuseFlood(command: Command): void {
    const error = wireError("rate_limited", undefined, { retry_after_ms: this.#parts.queue.waitMs })
    this.#finish(command, { reply: ofBatch(command, { ok: false, error }) })
    this.#parts.onFlood()
  }

  #commandOf(
    event: unknown,
    payloads: readonly unknown[],
    bytes: number,
    acknowledge: Command["acknowledge"],
  ): Command {
    const run_id = textField(payloads, "run_id")
    return { event, run_id, bytes, began: this.#parts.clock.monotonic(), acknowledge }
  }

  #execute(
    event: unknown,
    payloads: readonly unknown[],
    bytes: number,
    acknowledge: Command["acknowledge"],
  ): Promise<void> {
    // After the connection has closed, an agent's last turns are still stored, but the reply to a query would be lost.
    if (!this.#parts.caller.subscriber.connected && !AGENT_COMMANDS.has(event)) return Promise.resolve()
    const command = this.#commandOf(event, payloads, bytes, acknowledge)
    return this.#run(command, payloads).then(
      (result) => this.#finish(command, result),
      (error) => this.#finish(command, this.#failed(command, error)),
    )
  }

  #finish(command: Command, { reply, begin }: AnyResult): void {
    try {
      if (command.acknowledge) command.acknowledge(reply)
      else if (!reply.ok) this.#parts.emitError(asError(command, reply))
      begin?.()
      this.#record(command, reply)
    } catch (error) {
      this.#parts.logger.error({ err: redactError(error) }, "sending a reply failed")
    }
  }

  /** Runs a command: synchronously up to the handler's first await, so that commands start in order. */
  #run(command: Command, payloads: readonly unknown[]): Promise<AnyResult> {
    try {
      return Promise.resolve(this.#begin(command, payloads))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #begin(command: Command, payloads: readonly unknown[]): AnyResult | Promise<AnyResult> {
    const { event, bytes } = command
    if (!isCommand(event)) {
      const [sent] = payloads
      const message =
        sent instanceof UnreadablePayload ? sent.reason : `Unknown command ${JSON.stringify(nameOf(event))}.`
      return { reply: { ok: false, error: wireError("invalid_params", message) } }
    }
    const parsed = parseCommand(event, payloads, { bytes, nowMs: this.#parts.clock.now() })
    if ("refusal" in parsed) return { reply: ofBatch(command, parsed.refusal) }
    return this.#handle(event, parsed.payload)
  }

  #failed(command: Command, error: unknown): AnyResult {
    const code = error instanceof StoreUnavailableError ? "unavailable" : "internal"
    if (code === "internal")
      this.#parts.logger.error({ event: command.event, err: redactError(error) }, "a command failed")
    return { reply: ofBatch(command, { ok: false, error: wireError(code) }) }
  }

  #handle<N extends CommandName>(name: N, payload: unknown): CommandResult<N> | Promise<CommandResult<N>> {
    // `parseCommand` has checked that the payload belongs to this command.
    const handle = this.#parts.handlers[name] as (
      caller: Caller,
      payload: unknown,
    ) => CommandResult<N> | Promise<CommandResult<N>>
    return handle(this.#parts.caller, payload)
  }

  /** Records a command in the metrics, the audit log and the ingest log. */
  #record(command: Command, reply: AnyReply): void {
    const { metrics, ingest, audit, clock } = this.#parts
    const { event, bytes, began } = command
    const isKnown = isCommand(event)
    const code = reply.ok ? "ok" : reply.error.code
    metrics.command(isKnown ? event : "unknown", code)
    if (!reply.ok && event === "runs.record_turns") metrics.dropped(reply.dropped ?? reply.error.code)
    audit.command(isKnown ? event : "unknown", reply.run_id, code)
    if (event === "runs.record_turns") metrics.appended((clock.monotonic() - began) / 1000)
    if (isKnown && !AGENT_COMMANDS.has(event)) return
    const run_id = reply.run_id ?? command.run_id
    const agent_id = this.#agentOf(event, run_id, reply)
    const note: IngestNote = { at: isoTime(clock.now()), event: nameOf(event), bytes, ok: reply.ok }
    if (agent_id !== undefined) note.agent_id = agent_id
    if (run_id !== undefined) note.run_id = run_id
    ingest.add(reply.ok ? note : { ...note, ...reasonOf(reply) })
  }

  #agentOf(event: unknown, run_id: string | undefined, reply: AnyReply): string | undefined {
    if (run_id === undefined) return undefined
    if (event !== "runs.start" || !reply.ok || reply.agent_id === undefined) return this.#agents?.get(run_id)
    this.#agents ??= new LRUCache({ max: MAX_KNOWN_RUNS })
    this.#agents.set(run_id, reply.agent_id)
    return reply.agent_id
  }
}

function nameOf(event: unknown): string {
  return String(event).slice(0, 64)
}

function reasonOf({ error: { code, message, issues } }: Refusal): Partial<IngestNote> {
  return { code, message, ...(issues && { issues }) }
}

function textField(payloads: readonly unknown[], name: string): string | undefined {
  const [payload] = payloads
  if (typeof payload !== "object" || payload === null || !Object.hasOwn(payload, name)) return undefined
  const value: unknown = Reflect.get(payload, name)
  return typeof value === "string" && value.length <= 128 ? value : undefined
}

/**
 * Extends the refusal of a batch with the fields that say that nothing was appended. Other refusals stay as they are.
 */
function ofBatch({ event, run_id }: Command, refusal: Refusal): Refusal {
  if (event !== "runs.record_turns") return refusal
  return { ok: false, ...(run_id !== undefined && { run_id }), base_index: 0, count: 0, error: refusal.error }
}

function asError(command: Command, refusal: Refusal): RunsError {
  const run_id = refusal.run_id ?? command.run_id
  return {
    event: nameOf(command.event),
    ...(run_id !== undefined && { run_id }),
    ...(refusal.dropped !== undefined && { dropped: refusal.dropped }),
    error: refusal.error,
  }
}
