import type { CommandReplies } from "@/lib/protocol/catalog"
import type { RunsError, TraceEvent } from "@/lib/protocol/events"
import { aPrincipal } from "@/lib/testing/builders"
import type { MemorySubscriber, Received } from "@/lib/testing/memorySubscriber"
import { FuzzView } from "./FuzzView"
import type { FuzzWorld } from "./FuzzWorld"

const everyone = aPrincipal()

type Mark = { subscribed: CommandReplies["runs.subscribe"]; asked: number } | { unsubscribed: string }

/** A viewer with a sequence of connections. */
export class FuzzViewer {
  readonly views = new Map<string, FuzzView>()
  socket: MemorySubscriber

  constructor(
    readonly name: string,
    readonly world: FuzzWorld,
    /** The probability that the viewer reads everything between two steps. */
    readonly eagerness: number,
  ) {
    this.socket = this.#connect()
  }

  view(run_id: string): FuzzView {
    const known = this.views.get(run_id) ?? new FuzzView(run_id, this.world)
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

  /** Subscribes after reading the entire trace, which may contain turns that haven't been published yet. */
  subscribeAhead(run_id: string): void {
    const log = this.world.store.log.get(run_id) ?? []
    this.view(run_id).turns = [...log]
    this.subscribe(run_id, log.length)
  }

  unsubscribe(run_id: string): void {
    this.world.fanout.unsubscribe(this.socket, run_id)
    this.socket.mark({ unsubscribed: run_id } satisfies Mark)
  }

  /** Drops the viewer's connection, opens a new one and resumes the subscriptions. */
  reconnect(): void {
    this.world.fanout.remove(this.socket)
    this.reopen()
  }

  /** Opens a connection to a new process and resumes the subscriptions. */
  reopen(): void {
    this.socket.cut()
    this.socket = this.#connect()
    for (const [run_id, view] of this.views) {
      const wasFollowed = view.state === "following" || view.state === "subscribed"
      if (view.state !== "deleted") view.state = "none"
      if (wasFollowed) this.subscribe(run_id, view.next)
    }
  }

  #connect(): MemorySubscriber {
    const socket = this.world.subscriber(this.name, { stalled: true })
    socket.onReceive = (received) => this.#onReceive(received)
    return socket
  }

  #onReceive({ name, payload }: Received): void {
    if (name === "mark") {
      const mark = payload as Mark
      if ("subscribed" in mark)
        this.view(mark.subscribed.run_id).onSubscribed(mark.asked, mark.subscribed.cursor)
      else this.view(mark.unsubscribed).state = "none"
    } else if (name === "runs.trace.event") {
      const event = payload as TraceEvent
      this.view(event.run_id).onEvent(event)
    } else if (name === "runs.error") {
      const { run_id = "" } = payload as RunsError
      this.view(run_id).state = "deleted"
    }
  }
}
