import { runStage } from "@/lib/trace/state/runStage"
import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"
import { placeTurn } from "@/server/store/placeTurn"
import type { AppendBatch, AppendResult, NewRun, RunRow } from "@/server/store/RunStore"
import { BrokenGuaranteeError, type GuaranteeId } from "./Guarantees"

/** A stored turn: its number among all turns sent, and the connection that sent it. */
export type LoggedTurn = { run_id: string; number: number; owner: string }

/** Returns a turn's number among all turns sent. The turn's output starts with that number. */
export function numberOf(text: string): number {
  return Number(/"output":"(\d+)/.exec(text)?.[1])
}

/** An in-memory store that also keeps a log of what was committed, which a checker can read synchronously. */
export class LoggedStore extends MemoryRunStore {
  readonly log = new Map<string, string[]>()
  /** All turns of all runs, in commit order. */
  readonly committed: LoggedTurn[] = []
  readonly deleted = new Set<string>()
  /** The runs as they were after their last write. */
  readonly rows = new Map<string, RunRow>()
  /** Guarantees that the store has broken. */
  readonly violations: BrokenGuaranteeError[] = []

  /** Returns true if a run accepts no more changes: it was deleted, or its agent has ended it. */
  isFinal(run_id: string): boolean {
    const row = this.rows.get(run_id)
    return this.deleted.has(run_id) || (row !== undefined && hasFinalEnd(row))
  }

  override async start(run: NewRun) {
    const result = await super.start(run)
    this.#check(result.row)
    return result
  }

  override async takeOver(take: Parameters<MemoryRunStore["takeOver"]>[0]) {
    const result = await super.takeOver(take)
    if (result.ok) this.#check(result.row)
    return result
  }

  override async append(batch: AppendBatch): Promise<AppendResult> {
    const result = await super.append(batch)
    if (result.ok) this.#check(result.row)
    if (!result.ok || result.duplicate) return result
    const { run_id, owner } = batch
    const log = this.log.get(run_id) ?? []
    this.log.set(run_id, log)
    for (const turn of batch.turns) {
      log.push(placeTurn(log.length, result.recorded_at, turn.preview ?? turn.body))
      this.committed.push({ run_id, number: numberOf(turn.body), owner })
    }
    return result
  }

  override async complete(end: Parameters<MemoryRunStore["complete"]>[0]) {
    const result = await super.complete(end)
    if (result.ok) this.#check(result.row)
    return result
  }

  override async abandon(end: Parameters<MemoryRunStore["abandon"]>[0]) {
    const result = await super.abandon(end)
    if (!result.ok) return result
    if (result.row.owner !== end.owner) this.#violate("I11", `${end.run_id} was ended despite another owner`)
    this.#check(result.row)
    return result
  }

  override async delete(request: Parameters<MemoryRunStore["delete"]>[0]) {
    const result = await super.delete(request)
    if (result.ok) this.deleted.add(request.run_id)
    return result
  }

  /** Checks that a final end doesn't change, and that no write returns a run to an earlier stage. */
  #check(row: RunRow): void {
    const { run_id } = row
    const known = this.rows.get(run_id)
    this.rows.set(run_id, row)
    if (known === undefined) return
    if (hasFinalEnd(known) && row !== known) this.#violate("I11", `${run_id} changed after its final end`)
    if (runStage(row) < runStage(known)) this.#violate("I11", `${run_id} returned to an earlier stage`)
  }

  #violate(id: GuaranteeId, reason: string): void {
    this.violations.push(new BrokenGuaranteeError(id, reason))
  }
}

function hasFinalEnd({ status, termination }: RunRow): boolean {
  return status === "completed" && !(termination?.kind === "outcome" && termination.inferred === true)
}
