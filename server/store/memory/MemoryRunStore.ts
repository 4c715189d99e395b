import type { TurnSearchPage } from "@/lib/protocol/catalog"
import { sumShares } from "@/lib/trace/responseUsage"
import type { TurnSearchQuery } from "@/server/search/TurnScan"
import type {
  AppendBatch,
  AppendResult,
  ImportFinish,
  ListPage,
  NewRun,
  RunQuery,
  RunRow,
  RunStore,
  TurnPage,
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
import { MemoryReads, type MemoryRun } from "./MemoryReads"

/** A store in memory, for tests and as the reference that the other stores are compared with. */
export class MemoryRunStore implements RunStore {
  readonly #runs = new Map<string, MemoryRun>()
  readonly #reads = new MemoryReads(this.#runs)

  async start(run: NewRun): Promise<{ created: boolean; row: RunRow }> {
    const startKey = run.idempotency_key && JSON.stringify([run.agent_id, run.idempotency_key])
    const known = startKey && this.#find((entry) => entry.startKey === startKey)
    if (known) {
      known.row = takenOver(known.row, run.owner, run.received_at ?? run.started_at)
      return { created: false, row: known.row }
    }
    const children = this.#rows().filter((row) => row.parent?.run_id === run.run_id)
    const entry: MemoryRun = {
      row: startedRow(run, children.length),
      turns: [],
      batches: new Map(),
      responses: new Map(),
    }
    if (startKey) entry.startKey = startKey
    this.#runs.set(run.run_id, entry)
    this.#countChild(run.parent?.run_id, 1)
    const earlier = run.continues && this.#runs.get(run.continues.run_id)
    if (earlier && visible(earlier.row, run.writer)) earlier.row = continuedBy(earlier.row, run.run_id)
    return { created: true, row: entry.row }
  }

  async takeOver({ run_id, writer, owner, at }: Parameters<RunStore["takeOver"]>[0]) {
    return this.#move(run_id, writer, (row) => ({ ok: true, row: takenOver(row, owner, at) }))
  }

  async append(batch: AppendBatch): Promise<AppendResult> {
    const entry = this.#runs.get(batch.run_id)
    const row = visible(entry?.row, batch.writer)
    if (entry === undefined || row === undefined) return NOT_FOUND
    const key = batch.idempotency_key
    const before = key === undefined ? undefined : entry.batches.get(key)
    if (before !== undefined) {
      entry.row = takenOver(row, batch.owner, batch.recorded_at)
      return { ok: true, ...before, duplicate: true, row: entry.row }
    }
    const { added, responses } = sumShares(batch.turns, (id) => entry.responses.get(id))
    const move = appended(row, batch, added)
    if (!move.ok) return move
    for (const [id, usage] of responses) entry.responses.set(id, usage)
    entry.row = move.row
    const recorded_at = move.row.last_turn_at ?? batch.recorded_at
    for (const turn of batch.turns) entry.turns.push({ recorded_at, turn })
    const stored = { base_index: row.cursor, count: batch.turns.length, recorded_at }
    if (key !== undefined) entry.batches.set(key, stored)
    return { ok: true, ...stored, duplicate: false, row: move.row }
  }

  async update(update: Parameters<RunStore["update"]>[0]) {
    return this.#move(update.run_id, update.writer, (row) => updated(row, update))
  }

  async complete(end: Parameters<RunStore["complete"]>[0]) {
    let duplicate = false
    const move = this.#move(end.run_id, end.writer, (row) => {
      const ended = completed(row, end)
      duplicate = ended.duplicate === true
      return ended
    })
    return move.ok ? { ...move, duplicate } : move
  }

  async startImport(run: NewRun) {
    const known = this.#runs.get(run.run_id)
    if (known !== undefined) return { created: false, row: known.row }
    const later = this.#rows().filter(({ continues }) => continues?.run_id === run.run_id)
    const started = this.start(run)
    const entry = this.#runs.get(run.run_id)
    if (entry === undefined) return started
    entry.row = continuedByOneOf(entry.row, later.reverse().slice(0, CONTINUATIONS), run.writer)
    return { created: true, row: entry.row }
  }

  async discardImport({ run_id, owner }: Parameters<RunStore["discardImport"]>[0]): Promise<Transition> {
    const row = this.#runs.get(run_id)?.row
    if (row === undefined) return NOT_FOUND
    if (!isUnfinishedImport(row) || row.owner !== owner) return { ok: false, code: "forbidden", row }
    this.#forget(row)
    return { ok: true, row }
  }

  async finishImport(finish: ImportFinish) {
    return this.#move(finish.run_id, ["*"], (row) => importFinished(row, finish))
  }

  async abandon(end: { run_id: string; owner: string; ended_at: string }) {
    return this.#move(end.run_id, ["*"], (row) => abandoned(row, end))
  }

  async markDisconnected(mark: { run_id: string; disconnected_at: string | null; owner?: string }) {
    const entry = this.#runs.get(mark.run_id)
    if (entry === undefined) return
    entry.row = markedDisconnected(entry.row, mark) ?? entry.row
  }

  async requestCancel(request: Parameters<RunStore["requestCancel"]>[0]) {
    return this.#move(request.run_id, request.readers, (row) => cancelRequested(row, request))
  }

  async delete(request: { run_id: string; readers: readonly string[] }): Promise<Transition> {
    const row = visible(this.#runs.get(request.run_id)?.row, request.readers)
    if (row === undefined) return NOT_FOUND
    if (row.status === "in_progress") return { ok: false, code: "forbidden", row }
    this.#forget(row)
    return { ok: true, row }
  }

  async deleteEndedBefore(time: string, limit: number): Promise<string[]> {
    const ended = this.#rows().filter(({ retained_from: from }) => from !== undefined && from < time)
    ended.sort((a, b) => Date.parse(a.retained_from ?? "") - Date.parse(b.retained_from ?? ""))
    const gone = ended.slice(0, limit)
    for (const row of gone) this.#forget(row)
    return gone.map((row) => row.run_id)
  }

  async get(run_id: string): Promise<RunRow | undefined> {
    return this.#runs.get(run_id)?.row
  }

  async getMany(run_ids: readonly string[]): Promise<RunRow[]> {
    return [...new Set(run_ids)].flatMap((run_id) => this.#runs.get(run_id)?.row ?? [])
  }

  async inProgress(): Promise<RunRow[]> {
    return this.#rows().filter((row) => row.status === "in_progress")
  }

  async list(query: RunQuery): Promise<ListPage> {
    return this.#reads.list(query)
  }

  async count(query: Parameters<RunStore["count"]>[0]) {
    return this.#reads.count(query)
  }

  async turns(read: Parameters<RunStore["turns"]>[0]): Promise<TurnPage> {
    return this.#reads.turns(read)
  }

  async outlines(read: Parameters<RunStore["outlines"]>[0]): Promise<TurnPage> {
    return this.#reads.outlines(read)
  }

  async searchTurns(search: TurnSearchQuery): Promise<TurnSearchPage> {
    return this.#reads.searchTurns(search)
  }

  async healthy(): Promise<boolean> {
    return true
  }

  async close(): Promise<void> {}

  #rows(): RunRow[] {
    return [...this.#runs.values()].map((entry) => entry.row)
  }

  #find(test: (entry: MemoryRun) => boolean): MemoryRun | undefined {
    return [...this.#runs.values()].find(test)
  }

  #move(runId: string, patterns: readonly string[], step: (row: RunRow) => Transition): Transition {
    const entry = this.#runs.get(runId)
    const row = visible(entry?.row, patterns)
    if (entry === undefined || row === undefined) return NOT_FOUND
    const move = step(row)
    if (move.ok) entry.row = move.row
    return move
  }

  #countChild(parentId: string | undefined, more: number): void {
    const parent = parentId === undefined ? undefined : this.#runs.get(parentId)
    if (parent) parent.row = { ...parent.row, child_count: parent.row.child_count + more }
  }

  #forget(row: RunRow): void {
    this.#runs.delete(row.run_id)
    this.#countChild(row.parent?.run_id, -1)
  }
}
