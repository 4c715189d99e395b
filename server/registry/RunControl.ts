import { type Principal, readPatterns } from "@/lib/protocol/access"
import type { CommandPayload, Reply } from "@/lib/protocol/catalog"
import { wireError } from "@/lib/protocol/codes"
import { isoTime } from "@/server/platform/Clock"
import type { RegistryCore } from "./RegistryCore"
import { refusalOf, unavailable } from "./refusals"

/** Commands for viewers with `control`, and the deletion of runs that are past their retention. */
export class RunControl {
  readonly #core: RegistryCore

  constructor(core: RegistryCore) {
    this.#core = core
  }

  /** Asks the run's owner to stop. Doesn't end the run. */
  async cancel(principal: Principal, payload: CommandPayload<"runs.cancel">): Promise<Reply<"runs.cancel">> {
    if (!principal.control) return { ok: false, error: wireError("forbidden") }
    const { store, clock, live, ownership } = this.#core
    const { run_id } = payload
    const reason = this.#core.redact(payload.reason)
    try {
      const requested = await store.requestCancel({
        run_id,
        readers: readPatterns(principal),
        at: isoTime(clock.now()),
        ...(reason !== undefined && { reason }),
      })
      if (!requested.ok) return refusalOf(requested)
      const run = live.get(run_id)
      if (run === undefined) {
        // The run belongs to another node, which sends the request to the owner.
        await this.#core.publishRelated(run_id)
        return { ok: true, run_id, delivered: live.summarize(requested.row).connected }
      }
      run.update(requested.row)
      const delivered = ownership.requestCancel(run, true)
      this.#core.publishChange(run)
      return { ok: true, run_id, delivered }
    } catch (cause) {
      return unavailable(cause)
    }
  }

  /** Deletes an ended run with its turns. */
  async delete(principal: Principal, payload: CommandPayload<"runs.delete">): Promise<Reply<"runs.delete">> {
    if (!principal.control) return { ok: false, error: wireError("forbidden") }
    const { run_id } = payload
    try {
      const deleted = await this.#core.store.delete({ run_id, readers: readPatterns(principal) })
      if (!deleted.ok) {
        if (deleted.code !== "forbidden") return refusalOf(deleted)
        return { ok: false, error: wireError("forbidden", "Only a run that has ended can be deleted.") }
      }
      this.#core.listener.runDeleted(run_id)
      this.#core.publishRelatives(deleted.row)
      return { ok: true, run_id }
    } catch (cause) {
      return unavailable(cause)
    }
  }

  /**
   * Deletes at most `limit` runs that ended before `time`, and publishes the deletions.
   *
   * @returns the number of deleted runs.
   * @throws {StoreUnavailableError} when the store can't commit.
   */
  async deleteEndedBefore(time: string, limit: number): Promise<number> {
    const deleted = await this.#core.store.deleteEndedBefore(time, limit)
    for (const run_id of deleted) this.#core.listener.runDeleted(run_id)
    return deleted.length
  }
}
