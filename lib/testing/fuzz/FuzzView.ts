import type { TraceEvent } from "@/lib/protocol/events"
import type { Progress, RunSummary } from "@/lib/protocol/run"
import type { FuzzWorld } from "./FuzzWorld"

/** What a client shows of one run. It relies only on what the protocol guarantees. */
export class FuzzView {
  /** By index. A turn never changes, so turns are kept when the connection changes. */
  turns: string[] = []
  state: "none" | "subscribed" | "following" | "ended" | "deleted" = "none"
  next = 0
  run: RunSummary | undefined
  progress: Progress | null = null

  constructor(
    readonly run_id: string,
    readonly world: FuzzWorld,
  ) {}

  /** Called when a subscription was acknowledged. */
  onSubscribed(requested: number, cursor: number): void {
    this.next = requested > cursor ? 0 : requested
    this.state = "subscribed"
    this.progress = null
  }

  onEvent({ record, cursor }: TraceEvent): void {
    const { guarantees } = this.world
    if (record.record === "snapshot") {
      guarantees.check("I14", this.state === "subscribed", `a snapshot while ${this.state}`)
      guarantees.check("I17", record.from === this.next, `a snapshot from ${record.from}, not ${this.next}`)
      this.state = "following"
      this.run = record.run
      this.progress = record.progress ?? null
      this.#append(record.from, record.turns)
      return
    }
    if (this.state === "ended" && record.record === "run") this.#onChangedAfterEnd(record.run)
    else guarantees.check("I16", this.state === "following", `${record.record} while ${this.state}`)
    if (record.record === "turns") {
      guarantees.check("I14", record.turns.length > 0, "an event without turns")
      this.progress = null
      this.#append(record.from, record.turns)
      guarantees.check("I14", cursor === this.next, "a cursor that isn't the end of the turns")
    } else if (record.record === "progress") {
      this.progress = record.progress
    } else {
      this.run = record.run
      if (record.record !== "ended") return
      this.state = "ended"
      this.progress = null
      guarantees.check("I16", this.next === record.run.cursor, "an end before the last turn")
    }
  }

  /** Compares the view with the store. Call it when everything has been delivered. */
  async checkComplete(): Promise<void> {
    const { guarantees, store, queries } = this.world
    if (this.state === "none" || this.state === "deleted") return
    const row = await store.get(this.run_id)
    guarantees.check("I12", row !== undefined, `${this.run_id} is followed but deleted`)
    const log = store.log.get(this.run_id) ?? []
    guarantees.check("I12", this.turns.join() === log.join(), `${this.run_id}: turns are missing`)
    const expected = row?.status === "in_progress" ? "following" : "ended"
    guarantees.check("I16", this.state === expected, `${this.run_id} is ${this.state}, not ${expected}`)
    const isCurrent =
      this.run?.cancel_requested_at === row?.cancel_requested_at && this.run?.reopenings === row?.reopenings
    guarantees.check("I12", isCurrent, `${this.run_id}: an old summary`)
    if (this.state !== "following") return
    const progress = JSON.stringify(queries.progressOf(this.run_id) ?? null)
    const shown = JSON.stringify(this.progress)
    guarantees.check("I12", shown === progress, `${this.run_id}: progress ${shown}, not ${progress}`)
  }

  #onChangedAfterEnd(run: RunSummary): void {
    const isReopened = run.status === "in_progress"
    const isLater = run.reopenings !== this.run?.reopenings
    this.world.guarantees.check("I16", isLater || !isReopened, "an end was undone")
    if (isReopened) this.state = "following"
  }

  #append(from: number, turns: readonly { index: number }[]): void {
    const { guarantees, store } = this.world
    guarantees.check("I14", from === this.next, `turns from ${from}, not ${this.next}`)
    const log = store.log.get(this.run_id) ?? []
    for (const turn of turns) {
      guarantees.check("I13", turn.index === this.next && this.next < log.length, "a turn ahead of the log")
      const json = JSON.stringify(turn)
      guarantees.check("I15", log[this.next] === json, "a turn that differs from the stored one")
      this.turns[this.next] = json
      this.next += 1
    }
  }
}
