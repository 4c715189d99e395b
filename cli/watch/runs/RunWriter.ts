import { cutText } from "@/lib/agent/turn/cutText"
import { prepareOutcome } from "@/lib/agent/turn/prepareOutcome"
import type { EndOperation, StartOperation } from "@/lib/dialects/operations"
import type { CommandInput, CommandReplies, Refusal } from "@/lib/protocol/catalog"
import { LIMITS } from "@/lib/protocol/limits"
import type { TurnInput } from "@/lib/protocol/turn"
import { labelsOf, type RunReferences, startPayload } from "./runPayloads"
import { isRefusal, type RunServer } from "./ServerConnection"

type Progress = CommandInput<"runs.report_progress">["progress"]

type StartReply = CommandReplies["runs.start"]

/** The result of a command. */
export type WriteResult =
  | { kind: "done" }
  /** The run has a different number of turns than expected, has ended, or is written by another part of the server. */
  | { kind: "elsewhere"; cursor: number; ended: boolean }
  /** The run has reached its limit of turns. */
  | { kind: "full" }
  /** The server refuses the turns because of their content. */
  | { kind: "unacceptable"; message: string }
  /** The server doesn't know the run. */
  | { kind: "unknown" }
  | { kind: "refused"; message: string }
  /** The connection was closed permanently. */
  | { kind: "closed" }

/** Writes one run. */
export class RunWriter {
  /** The number of the connection on which the run was last taken over. */
  private epoch: number
  readonly runId: string
  readonly created: boolean
  /** The number of turns that the run has. */
  cursor: number
  /** When the run was completed; undefined if it wasn't. */
  endedAt: string | undefined
  /** The part of the server that writes the run's turns, if any. The watcher then adds no turns to the run. */
  recordedBy: string | undefined

  private constructor(
    private readonly server: RunServer,
    reply: StartReply,
  ) {
    this.epoch = server.epoch
    this.runId = reply.run_id
    this.created = reply.created
    this.cursor = reply.cursor
    this.readReply(reply)
  }

  /** Starts a session's n-th run, or finds the run if it exists. */
  static async start(
    server: RunServer,
    start: StartOperation,
    n: number,
    references: RunReferences,
  ): Promise<RunWriter | WriteResult> {
    const reply = await server.call("runs.start", startPayload(start, n, references))
    if (reply === undefined) return { kind: "closed" }
    if (isRefusal(reply)) return resultOf(reply)
    return new RunWriter(server, reply)
  }

  get completed(): boolean {
    return this.endedAt !== undefined
  }

  private readReply({ status, ended_at, recorded_by }: StartReply): void {
    this.endedAt = status === "completed" ? (ended_at ?? new Date().toISOString()) : undefined
    this.recordedBy = recorded_by
  }

  /** True after a reconnect, until the new connection has taken over the run. */
  get needsTakeOver(): boolean {
    return this.server.online && this.epoch !== this.server.epoch
  }

  async takeOver(): Promise<WriteResult> {
    const { epoch } = this.server
    const reply = await this.server.call("runs.start", { run_id: this.runId })
    if (reply === undefined) return { kind: "closed" }
    if (isRefusal(reply)) return resultOf(reply)
    this.epoch = epoch
    this.readReply(reply)
    const { completed: ended, recordedBy } = this
    return reply.cursor === this.cursor && !ended && recordedBy === undefined
      ? { kind: "done" }
      : { kind: "elsewhere", cursor: reply.cursor, ended }
  }

  /** Appends turns at the cursor. A repeated call stores nothing twice. */
  async record(turns: TurnInput[], progress: Progress): Promise<WriteResult> {
    const payload = { run_id: this.runId, turns, expected_index: this.cursor, progress }
    const reply = await this.server.call("runs.record_turns", payload)
    if (reply === undefined) return { kind: "closed" }
    if (isRefusal(reply)) return this.handleRefusal(reply)
    this.cursor = reply.base_index + reply.count
    return { kind: "done" }
  }

  /**
   * Handles a refusal. If the run has ended or someone else has written to it, the result contains the run's current
   * state.
   */
  private async handleRefusal(reply: Refusal): Promise<WriteResult> {
    const ended = reply.error.code === "already_terminal"
    if (!ended && reply.dropped !== "index_conflict") return resultOf(reply)
    const result = await this.takeOver()
    return result.kind === "done" ? { kind: "elsewhere", cursor: this.cursor, ended } : result
  }

  async update(fields: { intent?: string; labels?: Record<string, string> }): Promise<void> {
    const { intent, labels } = fields
    const payload = {
      run_id: this.runId,
      ...(intent === undefined ? {} : { intent: cutText(intent, LIMITS.intentBytes) }),
      ...(labels === undefined ? {} : { labels: labelsOf(labels) }),
    }
    if (Object.keys(payload).length > 1) await this.server.call("runs.update", payload)
  }

  /** Reports the run's progress. Returns false if the server didn't accept the report. */
  async report(progress: Progress): Promise<boolean> {
    const payload = { run_id: this.runId, progress, replace: true }
    const reply = await this.server.callOnce("runs.report_progress", payload)
    return reply?.ok === true
  }

  /** Ends the run. If the end is inferred, later turns reopen the run. */
  async complete(end: EndOperation, summary: string | undefined, inferred = false): Promise<WriteResult> {
    const outcome = prepareOutcome({
      status: end.status === "incomplete" ? "give_up" : end.status,
      ...(summary === undefined ? {} : { summary }),
      timestamp: end.ended_at ?? new Date().toISOString(),
    })
    const reply = await this.server.call("runs.complete", {
      run_id: this.runId,
      outcome,
      ...(inferred ? { inferred } : {}),
    })
    if (reply === undefined) return { kind: "closed" }
    // Another watcher has already ended the run.
    if (isRefusal(reply) && reply.error.code !== "already_terminal") return resultOf(reply)
    return { kind: "done" }
  }
}

function resultOf({ error, dropped }: Refusal): WriteResult {
  if (dropped === "run_turn_limit") return { kind: "full" }
  if (error.code === "not_found") return { kind: "unknown" }
  if (error.code === "invalid_params" || error.code === "too_large")
    return { kind: "unacceptable", message: error.message }
  return { kind: "refused", message: error.message }
}
