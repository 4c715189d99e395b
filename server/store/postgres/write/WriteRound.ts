import { type ResponseUsage, sumShares } from "@/lib/trace/responseUsage"
import { exactText, hasOtherTexts } from "@/server/store/postgres/runRow"
import type {
  AppendBatch,
  AppendResult,
  Fence,
  ImportFinish,
  NewRun,
  RunRow,
  RunStore,
} from "@/server/store/RunStore"
import {
  abandoned,
  appended,
  CONTINUATIONS,
  cancelRequested,
  completed,
  continuedBy,
  continuedByOneOf,
  importFinished,
  isUnfinishedImport,
  markedDisconnected,
  NOT_FOUND,
  startedRow,
  type Transition,
  takenOver,
  updated,
  visible,
} from "@/server/store/runTransitions"
import {
  type HeldRun,
  keyOf,
  type NewBatch,
  type NewRunRow,
  type RoundFacts,
  type StoredBatch,
} from "./roundFacts"

type Completion = Parameters<RunStore["complete"]>[0]
/** The runs that ended because their agents didn't return, and the deleted runs whose import was interrupted. */
export type ExpiredRuns = { ended: RunRow[]; discarded: RunRow[] }

/**
 * Applies a round's operations to the locked rows, in order and in memory. The result is written in the same transaction.
 * Uses the transitions that all stores share.
 */
export class WriteRound {
  readonly started: NewRunRow[] = []
  readonly appended: NewBatch[] = []
  /** The usage of changed responses, by `keyOf(run_id, response_id)`. */
  readonly responses = new Map<string, { run: HeldRun; id: string; usage: ResponseUsage }>()
  readonly deleted: { run: HeldRun; expired: boolean }[] = []
  readonly childCounts = new Map<string, number>()
  readonly #runs: Map<string, HeldRun>
  readonly #startedBy: Map<string, string>
  readonly #batches: Map<string, StoredBatch>
  readonly #responses: Map<string, ResponseUsage>
  readonly #children: ReadonlyMap<string, number>
  readonly #continuations: RoundFacts["continuations"]
  readonly #node: string | null
  readonly #graceMs: number | undefined

  /** `node`: the writing node of a cluster, with the default grace period. */
  constructor(facts: RoundFacts, node: { id: string; graceMs: number } | undefined) {
    this.#runs = new Map(facts.runs.map((run) => [run.row.run_id, run]))
    this.#startedBy = new Map(facts.startedBy)
    this.#batches = new Map(facts.batches)
    this.#responses = new Map(facts.responses)
    this.#children = facts.children
    this.#continuations = facts.continuations
    this.#node = node?.id ?? null
    this.#graceMs = node?.graceMs
  }

  /** Returns the existing runs that this round changes. */
  changedRuns(): HeldRun[] {
    return [...this.#runs.values()].filter((run) => run.changed && run.runNo !== 0)
  }

  start(run: NewRun): { created: boolean; row: RunRow } {
    const startKey = run.idempotency_key && keyOf(run.agent_id, run.idempotency_key)
    const known = startKey && this.#runs.get(this.#startedBy.get(startKey) ?? "")
    if (known) {
      this.#own(known, takenOver(known.row, run.owner, run.received_at ?? run.started_at))
      return { created: false, row: known.row }
    }
    const row = startedRow(run, this.#children.get(exactText(run.run_id)) ?? 0)
    const held: HeldRun = {
      runNo: 0,
      day: 0,
      row,
      ownerNode: this.#node,
      ownerEpoch: 1,
      textsVersion: 1,
      isGraceOver: false,
      now: run.started_at,
      changed: false,
      textsChanged: false,
      labelsChanged: false,
    }
    this.#runs.set(run.run_id, held)
    if (startKey) this.#startedBy.set(startKey, run.run_id)
    this.started.push({ held, startKey: run.idempotency_key })
    this.#countChild(run.parent?.run_id, 1)
    const earlier = run.continues && this.#visible(run.continues.run_id, run.writer)
    if (earlier) this.#change(earlier, continuedBy(earlier.row, run.run_id))
    return { created: true, row }
  }

  takeOver(take: Parameters<RunStore["takeOver"]>[0]): Transition {
    const run = this.#visible(take.run_id, take.writer)
    if (run === undefined) return NOT_FOUND
    this.#own(run, takenOver(run.row, take.owner, take.at))
    return { ok: true, row: run.row }
  }

  append(batch: AppendBatch): AppendResult {
    const run = this.#visible(batch.run_id, batch.writer)
    if (run === undefined) return NOT_FOUND
    if (this.#isFenced(run, batch.fence)) return { ok: false, code: "fenced", row: run.row }
    const key = batch.idempotency_key && keyOf(batch.run_id, batch.idempotency_key)
    const before = key && this.#batches.get(key)
    if (before) {
      this.#own(run, takenOver(run.row, batch.owner, batch.recorded_at))
      return { ok: true, ...before, duplicate: true, row: run.row }
    }
    const { added, responses } = sumShares(batch.turns, (id) => this.#responses.get(keyOf(batch.run_id, id)))
    const next = appended(run.row, batch, added)
    if (!next.ok) return next
    for (const [id, usage] of responses) {
      this.#responses.set(keyOf(batch.run_id, id), usage)
      this.responses.set(keyOf(batch.run_id, id), { run, id, usage })
    }
    const base_index = run.row.cursor
    this.#own(run, next.row)
    const recorded_at = next.row.last_turn_at ?? batch.recorded_at
    const stored = { base_index, count: batch.turns.length, recorded_at }
    if (key) this.#batches.set(key, stored)
    this.appended.push({ ...stored, run, key: batch.idempotency_key, turns: batch.turns })
    return { ok: true, ...stored, duplicate: false, row: run.row }
  }

  update(update: Parameters<RunStore["update"]>[0]): Transition {
    const run = this.#visible(update.run_id, update.writer)
    if (run === undefined) return NOT_FOUND
    if (this.#isFenced(run, update.fence)) return { ok: false, code: "fenced", row: run.row }
    const next = updated(run.row, update)
    if (next.ok) this.#own(run, next.row)
    return next
  }

  complete(end: Completion) {
    const run = this.#visible(end.run_id, end.writer)
    if (run === undefined) return NOT_FOUND
    if (this.#isFenced(run, end.fence)) return { ok: false as const, code: "fenced" as const, row: run.row }
    const ended = completed(run.row, end)
    if (!ended.ok) return ended
    const duplicate = ended.duplicate === true
    if (!duplicate) this.#own(run, ended.row)
    return { ok: true as const, duplicate, row: run.row }
  }

  startImport(run: NewRun): { created: boolean; row: RunRow } {
    const known = this.#runs.get(run.run_id)
    if (known !== undefined) return { created: false, row: known.row }
    const inRound = this.started.map(({ held }) => held.row).reverse()
    const later = [
      ...inRound.filter(({ continues }) => continues?.run_id === run.run_id),
      ...(this.#continuations.get(exactText(run.run_id)) ?? []),
    ]
    const started = this.start(run)
    const created = this.#runs.get(run.run_id)
    if (created === undefined) return started
    this.#change(created, continuedByOneOf(created.row, later.slice(0, CONTINUATIONS), run.writer))
    return { ...started, row: created.row }
  }

  discardImport({ run_id, owner }: { run_id: string; owner: string }): Transition {
    const run = this.#runs.get(run_id)
    if (run === undefined) return NOT_FOUND
    if (!isUnfinishedImport(run.row) || run.row.owner !== owner)
      return { ok: false, code: "forbidden", row: run.row }
    this.#delete(run, false)
    return { ok: true, row: run.row }
  }

  finishImport(finish: ImportFinish): Transition {
    const run = this.#runs.get(finish.run_id)
    return run === undefined ? NOT_FOUND : this.#move(run, importFinished(run.row, finish))
  }

  abandon(end: { run_id: string; owner: string; ended_at: string }): Transition {
    const run = this.#runs.get(end.run_id)
    return run === undefined ? NOT_FOUND : this.#move(run, abandoned(run.row, end))
  }

  /** Ends the given runs as incomplete if their grace period is over. Deletes them instead if their import is unfinished. */
  abandonExpired(run_ids: readonly string[]): ExpiredRuns {
    const expired: ExpiredRuns = { ended: [], discarded: [] }
    for (const run_id of run_ids) {
      const run = this.#runs.get(run_id)
      if (run === undefined || !run.isGraceOver) continue
      const { row } = run
      if (isUnfinishedImport(row)) {
        this.#delete(run, false)
        expired.discarded.push(row)
        continue
      }
      const end = this.#move(run, abandoned(row, { owner: row.owner, ended_at: run.now }))
      if (end.ok) expired.ended.push(end.row)
    }
    return expired
  }

  markDisconnected(mark: { run_id: string; disconnected_at: string | null; owner?: string }): void {
    const run = this.#runs.get(mark.run_id)
    const row = run && markedDisconnected(run.row, mark)
    if (run === undefined || row === undefined) return
    if (mark.disconnected_at === null) this.#own(run, row)
    else {
      this.#change(run, row)
      if (this.#graceMs !== undefined) run.graceMs = row.grace_ms ?? this.#graceMs
    }
  }

  requestCancel(request: { run_id: string; readers: readonly string[]; reason?: string; at: string }) {
    const run = this.#visible(request.run_id, request.readers)
    return run === undefined ? NOT_FOUND : this.#move(run, cancelRequested(run.row, request))
  }

  delete(request: { run_id: string; readers: readonly string[] }): Transition {
    const run = this.#visible(request.run_id, request.readers)
    if (run === undefined) return NOT_FOUND
    if (run.row.status === "in_progress") return { ok: false, code: "forbidden", row: run.row }
    this.#delete(run, false)
    return { ok: true, row: run.row }
  }

  /**
   * Deletes those of the given runs whose retention started earlier than `before`. Returns the ids of the deleted runs.
   */
  expire({ run_ids, before }: { run_ids: readonly string[]; before: string }): string[] {
    const gone = run_ids
      .flatMap((run_id) => this.#runs.get(run_id) ?? [])
      .filter(
        ({ row }) => row.status !== "in_progress" && Date.parse(row.retained_from ?? "") < Date.parse(before),
      )
    for (const run of gone) this.#delete(run, true)
    return gone.map(({ row }) => row.run_id)
  }

  /** Returns true if the writer owned the run before and another node has taken it over in the meantime. */
  #isFenced(run: HeldRun, fence: Fence): boolean {
    return fence === "continue" && run.ownerNode !== this.#node
  }

  #visible(runId: string, patterns: readonly string[]): HeldRun | undefined {
    const run = this.#runs.get(runId)
    return visible(run?.row, patterns) && run
  }

  #move(run: HeldRun, transition: Transition): Transition {
    if (transition.ok) this.#change(run, transition.row)
    return transition
  }

  /** Sets a run's new row and makes this node the run's owner, unless the run has ended and its row stays the same. */
  #own(run: HeldRun, row: RunRow): void {
    const isEndedAndStays = row === run.row && row.status !== "in_progress"
    if (isEndedAndStays) return
    this.#change(run, row)
    run.graceMs = -1
    if (run.ownerNode === this.#node) return
    run.ownerNode = this.#node
    run.ownerEpoch += 1
    run.changed = true
  }

  #change(run: HeldRun, row: RunRow): void {
    if (row === run.row) return
    if (hasOtherTexts(run.row, row)) {
      run.textsChanged = true
      run.textsVersion += 1
    }
    if (row.labels !== run.row.labels || row.agent_name !== run.row.agent_name) run.labelsChanged = true
    if (row.status !== "in_progress") run.graceMs = -1
    run.row = row
    run.changed = true
  }

  #countChild(parentId: string | undefined, more: number): void {
    if (parentId === undefined) return
    const parent = this.#runs.get(parentId)
    if (parent !== undefined)
      this.#change(parent, { ...parent.row, child_count: parent.row.child_count + more })
    else this.childCounts.set(parentId, (this.childCounts.get(parentId) ?? 0) + more)
  }

  #delete(run: HeldRun, expired: boolean): void {
    this.#runs.delete(run.row.run_id)
    this.deleted.push({ run, expired })
    this.#countChild(run.row.parent?.run_id, -1)
  }
}
