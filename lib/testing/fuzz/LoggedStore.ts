import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"
import { placeTurn } from "@/server/store/placeTurn"
import type { AppendBatch, AppendResult, RunRow } from "@/server/store/RunStore"

/** A turn of the log: which of all turns that were sent it is, and over which connection it came. */
export type LoggedTurn = { run_id: string; number: number; owner: string }

/** Which of all turns that were sent a turn is: its output begins with it. */
export function numberOf(text: string): number {
  return Number(/"output":"(\d+)/.exec(text)?.[1])
}

/** A store in memory that also keeps a log of what was committed, where a checker can look at it at once. */
export class LoggedStore extends MemoryRunStore {
  readonly log = new Map<string, string[]>()
  /** All turns of all runs in the order of their commits. */
  readonly committed: LoggedTurn[] = []
  readonly deleted = new Set<string>()
  /** How many turns a run had when it ended. */
  readonly ends = new Map<string, number>()
  /** What no store may do. */
  readonly violations: string[] = []

  override async append(batch: AppendBatch): Promise<AppendResult> {
    const result = await super.append(batch)
    if (!result.ok || result.duplicate) return result
    const { run_id, owner } = batch
    const log = this.log.get(run_id) ?? []
    this.log.set(run_id, log)
    for (const turn of batch.turns) {
      log.push(placeTurn(log.length, result.recorded_at, turn.preview ?? turn.body))
      this.committed.push({ run_id, number: numberOf(turn.body), owner })
    }
    if (this.ends.has(run_id)) this.violations.push(`${run_id} took turns after its end`)
    return result
  }

  override async complete(end: Parameters<MemoryRunStore["complete"]>[0]) {
    const result = await super.complete(end)
    if (result.ok && !result.duplicate) this.#ended(result.row)
    return result
  }

  override async abandon(end: Parameters<MemoryRunStore["abandon"]>[0]) {
    const result = await super.abandon(end)
    if (!result.ok) return result
    if (result.row.owner !== end.owner) this.violations.push(`${end.run_id} was ended over its owner's head`)
    this.#ended(result.row)
    return result
  }

  override async delete(wish: Parameters<MemoryRunStore["delete"]>[0]) {
    const result = await super.delete(wish)
    if (result.ok) this.deleted.add(wish.run_id)
    return result
  }

  #ended({ run_id }: RunRow): void {
    if (this.ends.has(run_id)) this.violations.push(`${run_id} ended twice`)
    this.ends.set(run_id, this.log.get(run_id)?.length ?? 0)
  }
}
