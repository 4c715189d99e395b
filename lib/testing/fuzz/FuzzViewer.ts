import type { CommandReplies } from "@/lib/protocol/catalogue"
import type { RunsError, TraceEvent } from "@/lib/protocol/events"
import type { Progress, RunSummary } from "@/lib/protocol/run"
import { aPrincipal } from "@/lib/testing/builders"
import type { MemorySubscriber, Received } from "@/lib/testing/memorySubscriber"
import { ensure } from "./ensure"
import type { FuzzWorld } from "./FuzzWorld"

const everyone = aPrincipal()

type Mark = { subscribed: CommandReplies["runs.subscribe"]; asked: number } | { unsubscribed: string }

/** What a client shows of one run: it takes only what the protocol lets it rely on. */
export class View {
  /** By index; a turn never changes, so what was seen stays. */
  turns: string[] = []
  state: "none" | "answered" | "following" | "ended" | "deleted" = "none"
  next = 0
  run: RunSummary | undefined
  progress: Progress | null = null

  constructor(readonly log: () => readonly string[]) {}

  answered(asked: number, cursor: number): void {
    this.next = asked > cursor ? 0 : asked
    this.state = "answered"
    this.progress = null
  }

  take({ record, cursor }: TraceEvent): void {
    if (record.record === "snapshot") {
      ensure(this.state === "answered", `a snapshot while ${this.state}`)
      ensure(record.from === this.next, `a snapshot from ${record.from} instead of ${this.next}`)
      this.state = "following"
      this.run = record.run
      this.progress = record.progress ?? null
      this.#append(record.from, record.turns)
      return
    }
    if (this.state === "ended" && record.record === "run") {
      ensure(
        record.run.reopenings !== this.run?.reopenings || record.run.status !== "in_progress",
        "an end undone",
      )
      if (record.run.status === "in_progress") this.state = "following"
    } else ensure(this.state === "following", `${record.record} while ${this.state}`)
    if (record.record === "turns") {
      ensure(record.turns.length > 0, "no turns")
      this.progress = null
      this.#append(record.from, record.turns)
      ensure(cursor === this.next, "a cursor that isn't the turns' end")
    } else if (record.record === "progress") {
      this.progress = record.progress
    } else {
      this.run = record.run
      if (record.record !== "ended") return
      this.state = "ended"
      this.progress = null
      ensure(this.next === record.run.cursor, "ended before the last turn")
    }
  }

  #append(from: number, turns: readonly { index: number }[]): void {
    ensure(from === this.next, `gap or duplicate: ${from} at ${this.next}`)
    const log = this.log()
    for (const turn of turns) {
      const text = JSON.stringify(turn)
      ensure(turn.index === this.next && log[this.next] === text, "not stored, or stored otherwise")
      this.turns[this.next] = text
      this.next += 1
    }
  }
}

/** One viewer, over any number of connections. */
export class FuzzViewer {
  readonly views = new Map<string, View>()
  socket: MemorySubscriber

  constructor(
    readonly name: string,
    readonly world: FuzzWorld,
    /** How likely it is to read everything between two steps. */
    readonly eagerness: number,
  ) {
    this.socket = this.#connect()
  }

  #connect(): MemorySubscriber {
    const socket = this.world.subscriber(this.name, { stalled: true })
    socket.onReceive = (received) => this.#take(received)
    return socket
  }

  view(run_id: string): View {
    const known = this.views.get(run_id) ?? new View(() => this.world.store.log.get(run_id) ?? [])
    this.views.set(run_id, known)
    return known
  }

  subscribe(run_id: string, cursor: number): void {
    const { socket } = this
    void this.world.fanout.subscribe(socket, everyone, { run_id, cursor }).then(({ reply, begin }) => {
      if (reply.ok) socket.mark({ subscribed: reply, asked: cursor } satisfies Mark)
      begin?.()
    })
  }

  /** As one does who has read the trace, and so knows more than the room was given. */
  subscribeAhead(run_id: string): void {
    const log = this.world.store.log.get(run_id) ?? []
    this.view(run_id).turns = [...log]
    this.subscribe(run_id, log.length)
  }

  unsubscribe(run_id: string): void {
    this.world.fanout.unsubscribe(this.socket, run_id)
    this.socket.mark({ unsubscribed: run_id } satisfies Mark)
  }

  /** The connection breaks; what the viewer followed it follows again, from where it is. */
  reconnect(): void {
    this.world.fanout.remove(this.socket)
    this.comeBack()
  }

  /** The same to another process, when this one is gone. */
  comeBack(): void {
    this.socket.cut()
    this.socket = this.#connect()
    for (const [run_id, view] of this.views) {
      const followed = view.state === "following" || view.state === "answered"
      if (view.state !== "deleted") view.state = "none"
      if (followed) this.subscribe(run_id, view.next)
    }
  }

  #take({ name, payload }: Received): void {
    if (name === "mark") {
      const mark = payload as Mark
      if ("subscribed" in mark) this.view(mark.subscribed.run_id).answered(mark.asked, mark.subscribed.cursor)
      else this.view(mark.unsubscribed).state = "none"
    } else if (name === "runs.trace.event") {
      const told = payload as TraceEvent
      this.view(told.run_id).take(told)
    } else if (name === "runs.error") {
      const { run_id = "" } = payload as RunsError
      this.view(run_id).state = "deleted"
    }
  }
}
