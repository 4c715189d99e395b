import { randomUUID } from "node:crypto"
import { type Principal, readPatterns } from "@/lib/protocol/access"
import { utf8Bytes } from "@/lib/protocol/bytes"
import type { Refusal } from "@/lib/protocol/catalogue"
import { wireError } from "@/lib/protocol/codes"
import type { RunHead } from "@/lib/protocol/run"
import { isoTime } from "@/server/platform/Clock"
import { encodeBody } from "@/server/registry/encodeTurn"
import type { RegistryCore } from "@/server/registry/RegistryCore"
import { unavailable } from "@/server/registry/refusals"
import { resolveAgentId } from "@/server/registry/resolveAgentId"
import type { EncodedTurn, RunRow, RunStore } from "@/server/store/RunStore"
import { ImportError, type ImportedEnd, readEnd, readHead, readTurn } from "./importRecords"

/** The prefix of the owner of a run that is being imported. */
const OWNER_PREFIX = "import/"
/** Limits of a batch, which bound the memory that an import uses. */
const BATCH_TURNS = 256
const BATCH_BYTES = 4 * 1024 * 1024

type ImportReply = { ok: true; run_id: string; agent_id: string; turns: number } | Refusal
type Batch = { recorded_at: string; turns: EncodedTurn[]; bytes: number }

/**
 * Imports the records of an exported run. The run keeps its id if it isn't taken, and every turn keeps its bytes, so that
 * another export is identical. A failed import leaves nothing behind.
 */
export class RunImporter {
  readonly #core: RegistryCore
  readonly #mintRunId: () => string
  /** The ids of runs that are being imported. */
  readonly #inProgress = new Set<string>()

  constructor(core: RegistryCore, mintRunId: () => string) {
    this.#core = core
    this.#mintRunId = mintRunId
  }

  /**
   * Imports one run. `records`: its records as JSON.
   *
   * @returns the run's id, or a refusal: `invalid_params` with the number of the broken record, `forbidden`, `too_large` or
   * `unavailable`.
   */
  async import(
    principal: Principal,
    records: AsyncIterable<string> | Iterable<string>,
  ): Promise<ImportReply> {
    let run: RunRow | undefined
    let number = 0
    try {
      let turns = 0
      let batch: Batch | undefined
      let end: ImportedEnd | undefined
      for await (const record of records) {
        number += 1
        if (run === undefined) {
          const head = readHead(record)
          const agent = resolveAgentId(principal, { agent_id: head.agent_id })
          if ("error" in agent) return { ok: false, error: agent.error }
          run = await this.#start(principal, head)
          continue
        }
        if (end !== undefined) throw new ImportError("nothing may follow the end of the run")
        end = readEnd(record)
        if (end !== undefined) continue
        const { recorded_at, turn } = this.#readTurn(record, turns)
        turns += 1
        if (turns > this.#core.limits.maxTurnsPerRun)
          throw new ImportError("the run has too many turns", "too_large")
        const isFull = batch && (batch.turns.length >= BATCH_TURNS || batch.bytes > BATCH_BYTES)
        if (batch === undefined || isFull || batch.recorded_at !== recorded_at) {
          if (batch !== undefined) await this.#append(run, batch)
          batch = { recorded_at, turns: [], bytes: 0 }
        }
        batch.turns.push(turn)
        batch.bytes += turn.body.length
      }
      if (run === undefined) throw new ImportError("the file has no records")
      if (batch !== undefined) await this.#append(run, batch)
      const { row } = await this.#finish(run, end)
      run = undefined
      return { ok: true, run_id: row.run_id, agent_id: row.agent_id, turns }
    } catch (error) {
      if (!(error instanceof ImportError)) return unavailable(error)
      const message = `Record ${number}: ${error.message}.`
      return { ok: false, error: wireError(error.code, message) }
    } finally {
      if (run !== undefined) await this.#discard(run)
    }
  }

  #readTurn(record: string, index: number): { recorded_at: string; turn: EncodedTurn } {
    const { recorded_at, body, text } = readTurn(record, index)
    const { redactor, limits } = this.#core
    const safe = redactor?.suspects(text) ? redactor.suspect(body) : body
    const turn = encodeBody(safe, safe === body ? text : undefined)
    if (utf8Bytes(turn.body) > limits.maxTurnBytes)
      throw new ImportError(`the turn is larger than ${limits.maxTurnBytes} bytes`, "too_large")
    return { recorded_at, turn }
  }

  async #start(principal: Principal, head: RunHead): Promise<RunRow> {
    const { store, redactor, clock } = this.#core
    const isFree = !this.#inProgress.has(head.run_id) && (await store.get(head.run_id)) === undefined
    const run_id = isFree && !this.#inProgress.has(head.run_id) ? head.run_id : this.#mintRunId()
    this.#inProgress.add(run_id)
    try {
      const { row } = await store.start({
        ...(redactor?.value(head) ?? head),
        run_id,
        agent_id: head.agent_id,
        received_at: isoTime(clock.now()),
        imported: true,
        owner: OWNER_PREFIX + randomUUID(),
        writer: principal.write,
      })
      return row
    } catch (error) {
      this.#inProgress.delete(run_id)
      throw error
    }
  }

  async #append({ run_id, owner }: RunRow, { recorded_at, turns }: Batch): Promise<void> {
    const { store, limits } = this.#core
    const batch = { run_id, owner, recorded_at, turns, writer: ["*"], maxTurns: limits.maxTurnsPerRun }
    const result = await store.append(batch)
    if (!result.ok) throw new ImportError("the run was changed while it was imported")
  }

  async #finish({ run_id, owner }: RunRow, end: ImportedEnd | undefined): Promise<{ row: RunRow }> {
    const { store, clock, redactor, listener, live } = this.#core
    const retained_from = isoTime(clock.now())
    const given = end && { ...end, termination: redactor?.value(end.termination) ?? end.termination }
    const result = await store.finishImport({ run_id, owner, retained_from, ...(given && { end: given }) })
    if (!result.ok) throw new ImportError("the run was changed while it was imported")
    this.#inProgress.delete(run_id)
    const { row } = result
    if (row.termination !== undefined) listener.runEnded(live.summarise(row), row.termination)
    this.#core.publishRelatives(row)
    return result
  }

  async #discard(run: RunRow): Promise<void> {
    this.#inProgress.delete(run.run_id)
    // Best effort: otherwise it is discarded at the next start of the server.
    await discardImport(this.#core.store, run, isoTime(this.#core.clock.now())).catch(() => {})
  }
}

/** Returns true for a run that an interrupted import has left behind. */
export function isUnfinishedImport({ status, owner, imported }: RunRow): boolean {
  return status === "in_progress" && imported === true && owner.startsWith(OWNER_PREFIX)
}

/** Deletes the run of an unfinished import. */
export async function discardImport(store: RunStore, { run_id, owner }: RunRow, at: string): Promise<void> {
  await store.abandon({ run_id, owner, ended_at: at })
  await store.delete({ run_id, readers: readPatterns({ read: "all", write: [] }) })
}
