import type { Logger } from "pino"
import type { CommandName, Refusal } from "@/lib/protocol/catalogue"
import { wireError } from "@/lib/protocol/codes"
import type { IngestNote, RunsError } from "@/lib/protocol/events"
import type { ConnectionAudit } from "@/server/audit/ConnectionAudit"
import type { Metrics } from "@/server/metrics/Metrics"
import { RateBucket } from "@/server/net/RateBucket"
import { type Clock, isoTime } from "@/server/platform/Clock"
import { redactError } from "@/server/platform/logger"
import { StoreUnavailableError } from "@/server/store/RunStore"
import type { CommandQueue } from "./CommandQueue"
import type { Answer, Caller, Handlers } from "./createHandlers"
import type { IngestLog } from "./IngestLog"
import { isCommand, parseCommand } from "./parseCommand"

const HEAVY: ReadonlySet<unknown> = new Set<CommandName>([
  "runs.list",
  "runs.watch",
  "runs.get_trace",
  "runs.get_turn",
  "runs.get_outline",
])
const INGEST: ReadonlySet<unknown> = new Set<CommandName>([
  "runs.start",
  "runs.update",
  "runs.record_turns",
  "runs.report_progress",
  "runs.complete",
])
/** Which agent a run is of is remembered, for the notes, for so many of a connection's runs. */
const KNOWN_RUNS = 256
/** Whoever goes on sending three times what it may for ten seconds is cut off. */
const ABUSE = { seconds: 10, times: 3 }

/** What an acknowledgement looks like whatever the command. */
type AnyReply = { ok: true; run_id?: string; agent_id?: string } | Refusal
type AnyAnswer = { reply: AnyReply; begin?: (() => void) | undefined }

/** What is kept of a command until it is answered: nothing of its content, which may be megabytes. */
type Command = {
  event: unknown
  /** As it was sent, if it can be one. */
  run_id: string | undefined
  bytes: number
  /** When, by the clock that never jumps. */
  began: number
  acknowledge: ((reply: AnyReply) => void) | undefined
}

type CommandDoorParts = {
  caller: Caller
  queue: CommandQueue
  handlers: Handlers
  ingest: IngestLog
  metrics: Metrics
  audit: ConnectionAudit
  clock: Clock
  logger: Logger
  ratePerSocket: number
  emitError: (error: RunsError) => void
  cutOff: (why: string) => void
}

/** The one door for a connection's commands: counts, checks, carries out, answers. Nothing gets past it as an exception. */
export class CommandHandler {
  readonly #parts: CommandDoorParts
  readonly #bucket: RateBucket
  readonly #agents = new Map<string, string>()
  #refusedSince = 0
  #refusals = 0

  constructor(parts: CommandDoorParts) {
    this.#parts = parts
    this.#bucket = new RateBucket(parts.ratePerSocket, parts.clock)
  }

  /** Takes an event as Socket.IO hands it over; `bytes` is the size of its message. */
  receive(event: unknown, args: readonly unknown[], bytes: number): void {
    const last = args.at(-1)
    const acknowledge = typeof last === "function" ? (last as (reply: AnyReply) => void) : undefined
    const payloads = acknowledge ? args.slice(0, -1) : args
    this.#parts.queue.push({
      bytes,
      heavy: HEAVY.has(event),
      run: () => this.#carryOut(event, payloads, bytes, acknowledge),
    })
  }

  #carryOut(
    event: unknown,
    payloads: readonly unknown[],
    bytes: number,
    acknowledge: ((reply: AnyReply) => void) | undefined,
  ): Promise<void> {
    const { caller, clock } = this.#parts
    // A connection that has gone may still have its last turns stored; nobody is left to read for.
    if (!caller.subscriber.connected && !INGEST.has(event)) return Promise.resolve()
    const began = clock.monotonic()
    const run_id = textField(payloads, "run_id")
    const command = { event, run_id, bytes, began, acknowledge }
    return this.#answer(command, payloads).then((answer) => this.#finish(command, answer))
  }

  #finish(command: Command, { reply, begin }: AnyAnswer): void {
    try {
      if (command.acknowledge) command.acknowledge(reply)
      else if (!reply.ok) this.#parts.emitError(asError(command, reply))
      begin?.()
      this.#note(command, reply)
    } catch (error) {
      this.#parts.logger.error({ err: redactError(error) }, "answering a command failed")
    }
  }

  /** Everything up to the handler's own first wait runs at once, so that commands begin in order. */
  #answer(command: Command, payloads: readonly unknown[]): Promise<AnyAnswer> {
    const failed = (error: unknown) => this.#failed(command, error)
    try {
      const answer = this.#begin(command, payloads)
      return answer instanceof Promise ? answer.catch(failed) : Promise.resolve(answer)
    } catch (error) {
      return Promise.resolve(failed(error))
    }
  }

  #begin(command: Command, payloads: readonly unknown[]): AnyAnswer | Promise<AnyAnswer> {
    const { event, bytes } = command
    const wait = this.#bucket.take()
    if (wait > 0) return { reply: this.#tooFast(wait, command) }
    if (!isCommand(event)) {
      return { reply: { ok: false, error: wireError("invalid_params", "There is no command of that name.") } }
    }
    const parsed = parseCommand(event, payloads, bytes)
    if ("refusal" in parsed) return { reply: ofBatch(command, parsed.refusal) }
    return this.#handle(event, parsed.payload)
  }

  #failed(command: Command, error: unknown): AnyAnswer {
    const code = error instanceof StoreUnavailableError ? "unavailable" : "internal"
    if (code === "internal")
      this.#parts.logger.error({ event: command.event, err: redactError(error) }, "a command failed")
    return { reply: ofBatch(command, { ok: false, error: wireError(code) }) }
  }

  #handle<N extends CommandName>(name: N, payload: unknown): Answer<N> | Promise<Answer<N>> {
    // `parseCommand` has paired payload and name.
    const handle = this.#parts.handlers[name] as (
      caller: Caller,
      payload: unknown,
    ) => Answer<N> | Promise<Answer<N>>
    return handle(this.#parts.caller, payload)
  }

  #tooFast(wait: number, command: Command): Refusal {
    const now = this.#parts.clock.monotonic()
    if (now - this.#refusedSince > ABUSE.seconds * 1000) {
      this.#refusedSince = now
      this.#refusals = 0
    }
    this.#refusals += 1
    if (this.#refusals > ABUSE.seconds * ABUSE.times * this.#parts.ratePerSocket)
      this.#parts.cutOff("three times its rate for ten seconds")
    return ofBatch(command, {
      ok: false,
      error: wireError("rate_limited", undefined, { retry_after_ms: wait }),
    })
  }

  #note(command: Command, reply: AnyReply): void {
    const { metrics, ingest, audit, clock } = this.#parts
    const { event, bytes, began } = command
    const known = isCommand(event)
    const code = reply.ok ? "ok" : reply.error.code
    metrics.command(known ? event : "unknown", code)
    if (!reply.ok && event === "runs.record_turns") metrics.dropped(reply.dropped ?? reply.error.code)
    audit.command(known ? event : "unknown", reply.run_id, code)
    if (event === "runs.record_turns") metrics.appended((clock.monotonic() - began) / 1000)
    if (known && !INGEST.has(event)) return
    const run_id = reply.run_id ?? command.run_id
    const agent_id = this.#agentOf(event, run_id, reply)
    const note: IngestNote = {
      at: isoTime(clock.now()),
      event: known ? event : String(event).slice(0, 64),
      bytes,
      ok: reply.ok,
    }
    if (agent_id !== undefined) note.agent_id = agent_id
    if (run_id !== undefined) note.run_id = run_id
    ingest.add(reply.ok ? note : { ...note, ...why(reply) })
  }

  #agentOf(event: unknown, run_id: string | undefined, reply: AnyReply): string | undefined {
    if (run_id === undefined) return undefined
    if (event !== "runs.start" || !reply.ok || reply.agent_id === undefined) return this.#agents.get(run_id)
    this.#agents.set(run_id, reply.agent_id)
    const oldest = this.#agents.keys().next()
    if (this.#agents.size > KNOWN_RUNS && !oldest.done) this.#agents.delete(oldest.value)
    return reply.agent_id
  }
}

function why({ error: { code, message, issues } }: Refusal): Partial<IngestNote> {
  return { code, message, ...(issues && { issues }) }
}

function textField(payloads: readonly unknown[], name: string): string | undefined {
  const [payload] = payloads
  if (typeof payload !== "object" || payload === null || !Object.hasOwn(payload, name)) return undefined
  const value: unknown = Reflect.get(payload, name)
  return typeof value === "string" && value.length <= 128 ? value : undefined
}

/** A refused batch says what became of it: nothing was appended. */
function ofBatch({ event, run_id }: Command, refusal: Refusal): Refusal {
  if (event !== "runs.record_turns") return refusal
  return { ok: false, ...(run_id !== undefined && { run_id }), base_index: 0, count: 0, error: refusal.error }
}

function asError(command: Command, refusal: Refusal): RunsError {
  const run_id = refusal.run_id ?? command.run_id
  return {
    event: String(command.event).slice(0, 64),
    ...(run_id !== undefined && { run_id }),
    ...(refusal.dropped !== undefined && { dropped: refusal.dropped }),
    error: refusal.error,
  }
}
