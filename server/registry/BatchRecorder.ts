import { matchesAgent, type Principal } from "@/lib/protocol/access"
import { fitsBytes } from "@/lib/protocol/bytes"
import type { CommandPayload, Reply } from "@/lib/protocol/catalog"
import { wireError } from "@/lib/protocol/codes"
import { isoTime } from "@/server/platform/Clock"
import type { BatchMark, BatchProgress } from "@/server/registry/live/LiveProgress"
import type { TurnSigns } from "@/server/registry/trouble/RunSigns"
import { placeTurn } from "@/server/store/placeTurn"
import type { AppendBatch, AppendResult, EncodedTurn } from "@/server/store/RunStore"
import { encodeTurn } from "./encodeTurn"
import type { RegistryCore } from "./RegistryCore"
import type { RunOwner } from "./RegistryEvents"
import { batchRefusal, batchRefusalOf, unavailable } from "./refusals"

type Payload = CommandPayload<"runs.record_turns">

/** The data that is needed once a batch is stored. `bodies`: its turns as viewers get them, if the run is followed. */
type PendingBatch = {
  owner: RunOwner
  signs: readonly TurnSigns[]
  bodies: readonly string[] | undefined
  mark: BatchMark | undefined
  progress: BatchProgress | undefined
}

/** Appends batches of turns: stored first, then published, then acknowledged. */
export class BatchRecorder {
  readonly #core: RegistryCore

  constructor(core: RegistryCore) {
    this.#core = core
  }

  /** Appends a batch, all or nothing. Calls the store synchronously, so that batches keep their order. */
  record(owner: RunOwner, principal: Principal, payload: Payload): Promise<Reply<"runs.record_turns">> {
    const { store, listener, limits, redactor, prices, clock } = this.#core
    const nowMs = clock.now()
    const { run_id, progress: report } = payload
    const turns = payload.turns.map((turn) => encodeTurn(turn, { redactor, prices, nowMs }))
    if (!turns.every(({ body }) => fitsBytes(body, limits.maxTurnBytes))) {
      const message = `A turn is larger than ${limits.maxTurnBytes} bytes.`
      return Promise.resolve(batchRefusal(run_id, wireError("too_large", message), "turn_too_large"))
    }
    const progress = report === undefined ? undefined : { reporter: owner, report }
    const run = this.#core.live.get(run_id)
    const isWritable = run !== undefined && matchesAgent(principal.write, run.row.agent_id)
    const pending: PendingBatch = {
      owner,
      signs: turns.map(({ signs }) => signs),
      bodies: listener.follows(run_id) ? turns.map(({ preview, body }) => preview ?? body) : undefined,
      mark: isWritable ? run.progress.startBatch(progress) : undefined,
      progress,
    }
    const { mark } = pending
    return store.append(this.#batchOf(owner, principal, payload, turns)).then(
      (result) => {
        if (result.ok) return this.#stored(result, pending)
        if (mark !== undefined) run?.progress.dropBatch(mark)
        return batchRefusalOf(run_id, this.#core.refused(result, owner))
      },
      (cause) => {
        if (mark !== undefined) run?.progress.dropBatch(mark)
        return batchRefusal(run_id, unavailable(cause).error)
      },
    )
  }

  #batchOf(
    owner: RunOwner,
    principal: Principal,
    { run_id, idempotency_key, expected_index }: Payload,
    turns: readonly EncodedTurn[],
  ): AppendBatch {
    const batch: AppendBatch = {
      run_id,
      writer: principal.write,
      owner: owner.id,
      turns,
      recorded_at: isoTime(this.#core.clock.now()),
      maxTurns: this.#core.limits.maxTurnsPerRun,
    }
    if (idempotency_key !== undefined) batch.idempotency_key = idempotency_key
    if (expected_index !== undefined) batch.expected_index = expected_index
    const { fence } = this.#core.fenceOf(owner, run_id)
    if (fence !== undefined) batch.fence = fence
    return batch
  }

  #stored(
    { base_index, count, duplicate, recorded_at, row }: Extract<AppendResult, { ok: true }>,
    { owner, signs, bodies, mark, progress }: PendingBatch,
  ): Reply<"runs.record_turns"> {
    const { live, listener } = this.#core
    const { run_id } = row
    const isKnown = live.get(run_id) !== undefined
    const run = this.#core.own(row, owner, duplicate ? 0 : count)
    if (!duplicate) {
      // If the run has just moved to this node, `recall` reads these turns from the store.
      if (isKnown) {
        run?.recent.add(count)
        run?.signs.add(signs)
      }
      listener.turnsStored({
        run_id,
        from: base_index,
        count,
        run: () => live.summarize(row),
        turns: () => bodies?.map((body, at) => placeTurn(base_index + at, recorded_at, body)),
      })
    }
    // Done after publishing the turns. Otherwise, viewers would see the pending turn disappear before its turn appears.
    if (mark !== undefined) run?.progress.finishBatch(mark, duplicate)
    else run?.progress.finishReopeningBatch(progress)
    return duplicate
      ? { ok: true, run_id, base_index, count, duplicate }
      : { ok: true, run_id, base_index, count }
  }
}
