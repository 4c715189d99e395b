import { randomUUID } from "node:crypto"
import { matchesAgent, type Principal } from "@/lib/protocol/access"
import { utf8Bytes } from "@/lib/protocol/bytes"
import type { Refusal } from "@/lib/protocol/catalog"
import { wireError } from "@/lib/protocol/codes"
import type { RunHead } from "@/lib/protocol/run"
import { isoTime } from "@/server/platform/Clock"
import { encodeBody } from "@/server/registry/encodeTurn"
import type { RegistryCore } from "@/server/registry/RegistryCore"
import { unavailable } from "@/server/registry/refusals"
import { resolveAgentId } from "@/server/registry/resolveAgentId"
import type { EncodedTurn, RunRow } from "@/server/store/RunStore"
import { IMPORT_OWNER, isUnfinishedImport } from "@/server/store/runTransitions"
import { ImportError, type ImportedEnd, readEnd, readHead, readTurn } from "./importRecords"

/** How long a request waits for another request that imports the same run. */
const RIVAL_WAIT_MS = 30_000
const RIVAL_PAUSE_MS = 200
/** The maximum number and size of the turns in a batch. They limit the memory of an import. */
const BATCH_TURNS = 256
const BATCH_BYTES = 4 * 1024 * 1024

type ImportReply = { ok: true; run_id: string; agent_id: string; turns: number } | Refusal
/** The run to write. If `isRival` is true, another request is importing this run, and this request waits for it. */
type ImportTarget = { row: RunRow; isRival: boolean }
type Batch = { recorded_at: string; turns: EncodedTurn[]; bytes: number }

/**
 * Imports the records of an exported run. The run keeps its id unless another run has it, and every turn keeps its
 * bytes, so that another export is identical. A failed import leaves nothing behind.
 */
export class RunImporter {
  readonly #core: RegistryCore
  readonly #mintRunId: () => string

  constructor(core: RegistryCore, mintRunId: () => string) {
    this.#core = core
    this.#mintRunId = mintRunId
  }

  /**
   * Imports one run. `records`: its records as JSON.
   *
   * @returns the run's id, or a refusal: `invalid_params` with the number of the broken record, `forbidden`,
   * `too_large` or `unavailable`.
   */
  async import(
    principal: Principal,
    records: AsyncIterable<string> | Iterable<string>,
  ): Promise<ImportReply> {
    let target: ImportTarget | undefined
    let number = 0
    try {
      let turns = 0
      let batch: Batch | undefined
      let end: ImportedEnd | undefined
      for await (const record of records) {
        number += 1
        if (target === undefined) {
          const head = readHead(record)
          const agent = resolveAgentId(principal, { agent_id: head.agent_id })
          if ("error" in agent) return { ok: false, error: agent.error }
          target = await this.#start(principal, head)
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
          if (batch !== undefined) await this.#append(target, batch)
          batch = { recorded_at, turns: [], bytes: 0 }
        }
        batch.turns.push(turn)
        batch.bytes += turn.body.length
      }
      if (target === undefined) throw new ImportError("the file has no records")
      if (target.isRival) return await this.#awaitRival(target.row, turns, end)
      if (batch !== undefined) await this.#append(target, batch)
      const { row } = await this.#finish(target.row, end)
      target = undefined
      return { ok: true, run_id: row.run_id, agent_id: row.agent_id, turns }
    } catch (error) {
      if (!(error instanceof ImportError)) return unavailable(error)
      const message = `Record ${number}: ${error.message}.`
      return { ok: false, error: wireError(error.code, message) }
    } finally {
      if (target?.isRival === false) await this.#discard(target.row)
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

  /**
   * Starts the run with its own id. If another run has that id, starts it with a new id; if that other run is still
   * being imported, returns it as a rival.
   */
  async #start(principal: Principal, head: RunHead): Promise<ImportTarget> {
    const { store, redactor, clock } = this.#core
    const run = {
      ...(redactor?.value(head) ?? head),
      run_id: head.run_id,
      agent_id: head.agent_id,
      received_at: isoTime(clock.now()),
      imported: true as const,
      owner: IMPORT_OWNER + randomUUID(),
      writer: principal.write,
    }
    const { created, row } = await store.startImport(run)
    if (created) return { row, isRival: false }
    if (isUnfinishedImport(row) && matchesAgent(principal.write, row.agent_id)) return { row, isRival: true }
    const other = await store.startImport({ ...run, run_id: this.#mintRunId() })
    return { row: other.row, isRival: false }
  }

  /**
   * Waits for another request, on this or another node, that is importing a run with the same id.
   *
   * @returns the other request's run if both have imported the same run; otherwise a refusal
   */
  async #awaitRival(rival: RunRow, turns: number, end: ImportedEnd | undefined): Promise<ImportReply> {
    const { store, clock } = this.#core
    for (let waitedMs = 0; waitedMs <= RIVAL_WAIT_MS; waitedMs += RIVAL_PAUSE_MS) {
      const row = await store.get(rival.run_id)
      if (row === undefined || row.agent_id !== rival.agent_id) break
      if (!isUnfinishedImport(row)) {
        const isSame = row.cursor === turns && (end === undefined || row.ended_at === end.ended_at)
        if (isSame) return { ok: true, run_id: row.run_id, agent_id: row.agent_id, turns }
        break
      }
      await new Promise<void>((resolve) => clock.setTimeout(resolve, RIVAL_PAUSE_MS))
    }
    const message = "Another request was importing a run with the same id. Try again."
    return { ok: false, error: wireError("unavailable", message) }
  }

  async #append({ row, isRival }: ImportTarget, { recorded_at, turns }: Batch): Promise<void> {
    // The records are still checked, so that an invalid one is reported.
    if (isRival) return
    const { store, limits } = this.#core
    const { run_id, owner } = row
    const batch = { run_id, owner, recorded_at, turns, writer: ["*"], maxTurns: limits.maxTurnsPerRun }
    const result = await store.append(batch)
    if (!result.ok) throw new ImportError("the run was changed while it was being imported")
  }

  async #finish({ run_id, owner }: RunRow, end: ImportedEnd | undefined): Promise<{ row: RunRow }> {
    const { store, clock, redactor, listener, live } = this.#core
    const retained_from = isoTime(clock.now())
    const given = end && { ...end, termination: redactor?.value(end.termination) ?? end.termination }
    const result = await store.finishImport({ run_id, owner, retained_from, ...(given && { end: given }) })
    if (!result.ok) throw new ImportError("the run was changed while it was being imported")
    const { row } = result
    if (row.termination !== undefined) listener.runEnded(live.summarize(row), row.termination)
    this.#core.publishRelatives(row)
    return result
  }

  async #discard(run: RunRow): Promise<void> {
    // If this fails, the run is discarded at the next start or by another node.
    await this.#core.store.discardImport(run).catch(() => {})
  }
}
