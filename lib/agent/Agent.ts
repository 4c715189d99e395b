import { LIMITS } from "@/lib/protocol/limits"
import { PROTOCOL_VERSION } from "@/lib/protocol/version"
import { AgentError, withDropped } from "./AgentError"
import { AgentRun, type RunHost } from "./AgentRun"
import type { AgentOutcome, CancelRequest, ChildLink, RunOptions } from "./AgentTurn"
import { AgentConnection } from "./delivery/AgentConnection"
import { BufferBudget } from "./delivery/BufferBudget"
import type { DeliveryOptions } from "./delivery/DeliveryOptions"
import { type ExitDelivery, undeliveredRun } from "./delivery/exitDelivery"
import { proxyAgent } from "./delivery/nodePlatform"
import { type ServerAddress, serverAddress } from "./delivery/serverAddress"
import { withTimeout } from "./delivery/timers"
import { flushOnExit } from "./flushOnExit"
import { messageOf } from "./turn/messageOf"
import { prepareStart } from "./turn/prepareStart"
import type { RedactHook } from "./turn/RedactHook"
import { Redaction } from "./turn/Redaction"

export type AgentOptions = {
  /** The server's URL, such as `http://localhost:3000` or `https://host/turnline`. */
  url: string
  /** A token with write permission. Omit it for a server with `TURNLINE_AUTH=none`. */
  token?: string | undefined
  /** Identifies this process or machine on its runs. At most 128 characters. */
  clientId?: string | undefined
  /** The agent id of runs that don't set their own. Default: the only agent that the token may write as. */
  agentId?: string | undefined
  agentName?: string | undefined
  /** Called with every error. Default: log it. */
  onError?: (error: AgentError) => void
  /**
   * Removes content that must not leave this process. Called with every turn before it is queued or sent; progress,
   * start and outcome are passed in the form of a turn. If it throws or doesn't return a turn, a marker replaces the
   * content.
   */
  redact?: RedactHook
  /**
   * Node only. On `process.exit`, SIGINT, SIGTERM, SIGHUP and uncaught exceptions, delivers queued turns and ends open
   * runs as `failure`, from a separate process. The process waits at most 1.2 s for it; if delivery takes longer, it
   * continues in the background for at most 30 s. The summary is "interrupted" or the exception's message. Default
   * false: queued turns are delivered only if the process ends because it has nothing left to do.
   */
  flushOnExit?: boolean
  /**
   * Node only. An `http.Agent` for all connections, for example with your own certificate authority. Default: a
   * direct connection, or the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` select.
   */
  agent?: object | undefined
  /** If true, calls on a run may throw and promises may reject. Default false: nothing throws into the agent's loop. */
  throwErrors?: boolean
  /** Memory limit for queued turns across all runs, in bytes of JSON. Default 64 MiB. */
  maxBufferedBytes?: number
  /** How long to wait for a reply before sending a command again, ms. Default 30,000. */
  ackTimeoutMs?: number
  /** The first delay before reconnecting, ms. Grows to 5,000 with jitter. Default 700. */
  reconnectDelayMs?: number
  /** Default: the console. */
  logger?: { warn: (message: string) => void }
}

const DEFAULT_BUFFER_BYTES = 64 * 1024 * 1024
const DEFAULT_ACK_TIMEOUT_MS = 30_000
const DEFAULT_RECONNECT_DELAY_MS = 700
const DEFAULT_TIMEOUT_MS = 10_000
/** How many cancel requests are kept for runs whose id isn't known yet. */
const MAX_EARLY_CANCELS = 256
/** Used if the URL is invalid: the agent reports the error and never connects. */
const NO_ADDRESS: ServerAddress = { origin: "http://invalid.invalid", basePath: "" }

/** A connection to Turnline and the runs that it writes. Created by `connectAgent`. */
export class Agent {
  /** The server's URL, normalized. */
  readonly url: string
  private readonly address: ServerAddress
  private readonly connection: AgentConnection
  private readonly host: RunHost
  private readonly runs = new Set<AgentRun>()
  private readonly redaction: Redaction
  private readonly earlyCancels = new Map<string, CancelRequest>()
  private readonly unregisterExit: () => void
  private stopped: AgentError | undefined

  /** @internal */
  constructor(private readonly options: AgentOptions) {
    const [address, invalid] = readAddress(options.url)
    this.address = address
    this.url = invalid === undefined ? address.origin + address.basePath : String(options.url)
    this.connection = this.connect()
    this.redaction = new Redaction(options.redact, (error) => this.report(error))
    this.host = {
      redaction: this.redaction,
      connection: this.connection,
      budget: new BufferBudget(options.maxBufferedBytes ?? DEFAULT_BUFFER_BYTES),
      throwErrors: options.throwErrors ?? false,
      report: (error) => this.report(error),
      startChild: (child, parent) =>
        this.add({ start: this.redaction.start(prepareStart(child, options)), parent: parent.delivery }),
      onStarted: (run) => this.passEarlyCancel(run),
      onOver: (run) => this.runs.delete(run),
    }
    this.unregisterExit = flushOnExit({
      wantsExitDelivery: options.flushOnExit ?? false,
      deliver: () => {
        if (!this.isDelivered) void this.deliverBeforeExit()
      },
      takeExitDelivery: (outcome) => this.takeExitDelivery(outcome),
    })
    if (invalid !== undefined) queueMicrotask(() => this.stop(invalid))
  }

  /**
   * Starts a run and returns immediately. Turns may be recorded right away.
   *
   * @example
   * const run = agent.startRun({ agentId: "ci/reviewer", intent: "Review pull request 118", labels: { pr: 118 } })
   */
  startRun(run: RunOptions): AgentRun {
    return this.add({ start: this.redaction.start(prepareStart(run, this.options)) })
  }

  /**
   * Starts or resumes a run that is replayed from a source with a fixed order of turns, such as a file: the n-th turn
   * recorded is turn n of the run, and turns that the run already has are skipped.
   *
   * @example
   * const run = agent.replayRun({ agentId: "import/logs", intent: "Nightly job", idempotencyKey: "nightly:2026-11-30" })
   */
  replayRun(run: RunOptions & { idempotencyKey: string }): AgentRun {
    return this.add({ start: this.redaction.start(prepareStart(run, this.options)), indexedTurns: true })
  }

  /**
   * Takes over a run that another connection or process started. An incomplete run is reopened.
   *
   * @example
   * const run = agent.resumeRun(process.env.RUN_ID)
   */
  resumeRun(runId: string): AgentRun {
    return this.add({ start: { run_id: runId } })
  }

  /** Waits until everything recorded by all runs is stored. Returns false after `timeoutMs`; delivery continues. */
  async flush(timeoutMs = DEFAULT_TIMEOUT_MS): Promise<boolean> {
    const waiting = [...this.runs].map(({ delivery }) => delivery.until(() => delivery.isDelivered))
    await withTimeout(Promise.all(waiting), timeoutMs, [])
    return this.isDelivered
  }

  /**
   * Delivers queued turns, waiting at most `timeoutMs`, and disconnects. A run that isn't completed becomes incomplete
   * after the grace period, unless another connection takes it over.
   *
   * @returns true if everything was delivered. Otherwise `undelivered` is reported, with the number of dropped turns.
   * @example
   * process.on("SIGTERM", async () => {
   *   await agent.close()
   *   process.exit(0)
   * })
   */
  async close(timeoutMs = DEFAULT_TIMEOUT_MS): Promise<boolean> {
    if (this.stopped !== undefined) return this.stopped.code === "closed"
    const all = await this.flush(timeoutMs)
    this.connection.close()
    this.stop(
      all
        ? new AgentError("closed", "The agent was closed.")
        : new AgentError("undelivered", `${this.url} didn't accept everything within ${timeoutMs} ms.`),
    )
    return all
  }

  /** With `flushOnExit`, the agent stays open, because `exit` listeners of the process may still record turns. */
  private async deliverBeforeExit(): Promise<void> {
    const isOpen = this.options.flushOnExit === true && (await this.flush())
    if (!isOpen) await this.close(this.options.flushOnExit === true ? 0 : undefined)
  }

  private get isDelivered(): boolean {
    return [...this.runs].every((run) => run.delivery.isDelivered)
  }

  private connect(): AgentConnection {
    const { options, address } = this
    return new AgentConnection({
      address,
      ackTimeoutMs: options.ackTimeoutMs ?? DEFAULT_ACK_TIMEOUT_MS,
      reconnectDelayMs: options.reconnectDelayMs ?? DEFAULT_RECONNECT_DELAY_MS,
      agent: options.agent ?? proxyAgent(address.origin),
      ...(options.token !== undefined && { token: options.token }),
      ...(options.clientId !== undefined && { clientId: options.clientId.slice(0, LIMITS.clientIdChars) }),
      onOnline: () => {
        for (const run of this.runs) run.delivery.wake()
      },
      onCancel: (request) => this.passCancel(request),
      onError: (error, final) => (final ? this.stop(error) : this.report(error)),
    })
  }

  private add(start: Pick<DeliveryOptions, "start" | "parent" | "indexedTurns">): AgentRun {
    const run = new AgentRun(this.host, start)
    if (this.stopped === undefined) this.runs.add(run)
    else run.delivery.fail(this.stopped, true)
    return run
  }

  private takeExitDelivery(outcome: AgentOutcome | undefined): ExitDelivery | undefined {
    if (this.stopped !== undefined || this.runs.size === 0) return undefined
    if (outcome === undefined && this.isDelivered) return undefined
    const { token, clientId } = this.options
    const auth = {
      protocol: PROTOCOL_VERSION,
      ...(token !== undefined && { token }),
      ...(clientId !== undefined && { client_id: clientId.slice(0, LIMITS.clientIdChars) }),
    }
    const open = [...this.runs]
    const places = new Map<ChildLink, number>()
    for (const [at, run] of open.entries()) places.set(run, at).set(run.delivery, at)
    const runs = open.map((run) => undeliveredRun(run.delivery, outcome, places))
    const { route, transports } = this.connection
    this.stop(new AgentError("closed", "The process is exiting."))
    return { url: this.address.origin + this.address.basePath, auth, transports, route, runs }
  }

  /** Stops everything permanently. */
  private stop(error: AgentError): void {
    if (this.stopped !== undefined) return
    this.stopped = error
    this.connection.close()
    this.unregisterExit()
    let dropped = 0
    for (const run of [...this.runs]) dropped += run.delivery.fail(error, true)
    if (error.code === "closed") return
    const message = withDropped(error.message, dropped)
    this.report(new AgentError(error.code, message, { dropped_turns: dropped }))
  }

  private passCancel(request: CancelRequest & { run_id: string }): void {
    const runs = [...this.runs].filter((run) => run.runId === request.run_id)
    for (const run of runs) run.acceptCancelRequest(request)
    if (runs.length > 0) return
    const [oldest] = this.earlyCancels.keys()
    if (oldest !== undefined && this.earlyCancels.size >= MAX_EARLY_CANCELS) this.earlyCancels.delete(oldest)
    this.earlyCancels.set(request.run_id, request)
  }

  private passEarlyCancel(run: AgentRun): void {
    if (run.runId === undefined) return
    const request = this.earlyCancels.get(run.runId)
    this.earlyCancels.delete(run.runId)
    if (request !== undefined) run.acceptCancelRequest(request)
  }

  private report(error: AgentError): void {
    const { onError, logger = console } = this.options
    try {
      if (onError === undefined) logger.warn(`turnline: ${error.message}`)
      else onError(error)
    } catch (thrown) {
      console.warn(`turnline: onError threw (${messageOf(thrown)}) for: ${error.message}`)
    }
  }
}

function readAddress(typed: string): [ServerAddress, AgentError | undefined] {
  try {
    return [serverAddress(typed), undefined]
  } catch (error) {
    return [NO_ADDRESS, error instanceof AgentError ? error : new AgentError("invalid_url", messageOf(error))]
  }
}
