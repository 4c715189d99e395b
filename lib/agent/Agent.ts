import type { CancelRequested } from "@/lib/protocol/events"
import { LIMITS } from "@/lib/protocol/limits"
import { AgentError } from "./AgentError"
import { AgentRun, type RunHost } from "./AgentRun"
import { AgentConnection } from "./delivery/AgentConnection"
import { BufferBudget } from "./delivery/BufferBudget"
import type { DeliveryOptions } from "./delivery/RunDelivery"
import { within } from "./delivery/timers"
import { flushOnExit } from "./flushOnExit"
import { messageOf } from "./turn/jsonCopy"
import { prepareStart, type RunOptions } from "./turn/prepareStart"
import { type RedactHook, Redaction } from "./turn/Redaction"

export type AgentOptions = {
  /** The server's address; only its origin counts. */
  url: string
  /** A token that may write; none for a server with `TURNLINE_AUTH=none`. */
  token?: string | undefined
  /** Kept on the runs: which process or machine this is. Cut to 128 characters. */
  clientId?: string | undefined
  /** Who writes, unless a run says otherwise; else what the token allows. */
  agentId?: string | undefined
  agentName?: string | undefined
  /** Hears of all trouble; without it, the logger does. */
  onError?: (error: AgentError) => void
  /**
   * Takes out what must not leave this process: gets every turn, and progress, start and outcome in the shape of one, before it is
   * queued or sent. Where it throws or gives back no turn, a marker goes out in place of the content.
   */
  redact?: RedactHook
  /** Lets calls on a run that has failed throw, and promises reject. Default: nothing ever throws into the agent's loop. */
  throwErrors?: boolean
  /** What may wait for the server, of all runs together, in bytes of JSON. Default 64 MiB. */
  maxBufferedBytes?: number
  /** How long an answer may take before a command is sent again. Default 30 s. */
  ackTimeoutMs?: number
  /** The first wait before a new connection; grows to 5 s, spread by half. Default 700 ms. */
  reconnectDelayMs?: number
  /** Default: the console. */
  logger?: { warn: (message: string) => void }
}

const DEFAULT_BUFFER_BYTES = 64 * 1024 * 1024
const DEFAULT_ACK_TIMEOUT_MS = 30_000
const DEFAULT_RECONNECT_DELAY_MS = 700
const CLOSE_MS = 10_000
/** Wishes to cancel that came before the answer that names their run. */
const MAX_EARLY_CANCELS = 256

/** A connection to Turnline and the runs that it writes. Made by `connectAgent`. */
export class Agent {
  /** The server's origin. */
  readonly url: string
  private readonly link: AgentConnection
  private readonly host: RunHost
  private readonly runs = new Set<AgentRun>()
  private readonly redaction: Redaction
  private readonly earlyCancels = new Map<string, CancelRequested>()
  private readonly letExit: () => void
  private stopped: AgentError | undefined

  constructor(private readonly options: AgentOptions) {
    this.url = originOf(options)
    this.link = new AgentConnection({
      origin: this.url,
      ackTimeoutMs: options.ackTimeoutMs ?? DEFAULT_ACK_TIMEOUT_MS,
      reconnectDelayMs: options.reconnectDelayMs ?? DEFAULT_RECONNECT_DELAY_MS,
      ...(options.token === undefined ? {} : { token: options.token }),
      ...(options.clientId === undefined
        ? {}
        : { clientId: options.clientId.slice(0, LIMITS.clientIdChars) }),
      onOnline: () => {
        for (const run of this.runs) run.delivery.wake()
      },
      onCancel: (request) => this.passCancel(request),
      onTrouble: (error, final) => (final ? this.stop(error) : this.report(error)),
    })
    this.redaction = new Redaction(options.redact, (error) => this.report(error))
    this.host = {
      redaction: this.redaction,
      link: this.link,
      budget: new BufferBudget(options.maxBufferedBytes ?? DEFAULT_BUFFER_BYTES),
      throwErrors: options.throwErrors ?? false,
      report: (error) => this.report(error),
      startChild: (child, parent) =>
        this.add({ start: this.redaction.start(prepareStart(child, options)), parent: parent.delivery }),
      runStarted: (run) => this.passEarlyCancel(run),
      runOver: (run) => this.runs.delete(run),
    }
    this.letExit = flushOnExit(() => {
      if (!this.delivered) void this.close()
    })
  }

  /** Starts a run and returns it at once; turns may be recorded right away. `run.started()` waits until it is durable. */
  startRun(run: RunOptions): AgentRun {
    return this.add({ start: this.redaction.start(prepareStart(run, this.options)) })
  }

  /** Takes over a run that another connection or process of this agent started. */
  resumeRun(runId: string): AgentRun {
    return this.add({ start: { run_id: runId } })
  }

  /** Resolves true once everything recorded by all runs is stored; false after `waitMs`, while delivery goes on. */
  async flush(waitMs = CLOSE_MS): Promise<boolean> {
    const waiting = [...this.runs].map(({ delivery }) => delivery.until(() => delivery.delivered))
    await within(Promise.all(waiting), waitMs, [])
    return this.delivered
  }

  /**
   * Delivers what waits, for at most `waitMs`, and disconnects. Resolves with whether everything was delivered; what was not is reported.
   * A run that was not completed becomes incomplete unless another connection takes it over.
   */
  async close(waitMs = CLOSE_MS): Promise<boolean> {
    if (this.stopped !== undefined) return this.stopped.code === "closed"
    const all = await this.flush(waitMs)
    this.link.close()
    this.stop(
      all
        ? new AgentError("closed", "the agent was closed")
        : new AgentError("undelivered", `${this.url} did not take everything within ${waitMs} ms`),
    )
    return all
  }

  private get delivered(): boolean {
    return [...this.runs].every((run) => run.delivery.delivered)
  }

  private add(start: Pick<DeliveryOptions, "start" | "parent">): AgentRun {
    const run = new AgentRun(this.host, start)
    if (this.stopped === undefined) this.runs.add(run)
    else run.delivery.fail(this.stopped, true)
    return run
  }

  /** Ends everything, for good. */
  private stop(error: AgentError): void {
    if (this.stopped !== undefined) return
    this.stopped = error
    this.letExit()
    let dropped = 0
    for (const run of [...this.runs]) dropped += run.delivery.fail(error, true)
    if (error.code === "closed") return
    const message = dropped === 0 ? error.message : `${error.message}; ${dropped} turns dropped`
    this.report(new AgentError(error.code, message, { dropped_turns: dropped }))
  }

  private passCancel(request: CancelRequested): void {
    const asked = [...this.runs].filter((run) => run.runId === request.run_id)
    for (const run of asked) run.cancelRequested(request)
    if (asked.length > 0) return
    const [oldest] = this.earlyCancels.keys()
    if (oldest !== undefined && this.earlyCancels.size >= MAX_EARLY_CANCELS) this.earlyCancels.delete(oldest)
    this.earlyCancels.set(request.run_id, request)
  }

  private passEarlyCancel(run: AgentRun): void {
    if (run.runId === undefined) return
    const request = this.earlyCancels.get(run.runId)
    this.earlyCancels.delete(run.runId)
    if (request !== undefined) run.cancelRequested(request)
  }

  private report(error: AgentError): void {
    const { onError, logger = console } = this.options
    try {
      if (onError === undefined) logger.warn(`turnline: ${error.message}`)
      else onError(error)
    } catch (thrown) {
      console.warn(`turnline: onError threw (${messageOf(thrown)}) at: ${error.message}`)
    }
  }
}

/** Socket.IO takes a path for a namespace, so the origin alone goes to it. What is no address at all fails as unreachable. */
function originOf({ url }: AgentOptions): string {
  try {
    return new URL(url).origin
  } catch {
    return String(url)
  }
}
