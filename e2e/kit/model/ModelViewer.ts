import { Connection, LOST, type Transport } from "@/e2e/kit/Connection"
import { ModelView } from "./ModelView"

/** A viewer of many runs over one connection. Resubscribes at its cursors after each reconnect. */
export class ModelViewer {
  readonly connection: Connection
  readonly views = new Map<string, ModelView>()
  /** Replies that no subscriber to an existing run should get. */
  readonly refusals: string[] = []

  constructor(options: {
    url: string
    token: string
    reconnectMs?: number
    transport?: Transport | undefined
  }) {
    this.connection = new Connection(options)
    const { socket } = this.connection
    socket.on("runs.trace.event", (event) => {
      this.views.get(event.run_id)?.receive(event)
      // An ended run frees its slot among the connection's subscriptions.
      if (event.record.record === "ended")
        void this.connection.ask("runs.unsubscribe", { run_id: event.run_id })
    })
    socket.on("connect", () => {
      for (const view of this.views.values()) if (!view.ended) void this.#subscribe(view)
    })
    socket.on("disconnect", () => {
      for (const view of this.views.values()) view.lost()
    })
  }

  /** Follows a run from its first turn. Events update the view. */
  follow(run_id: string): ModelView {
    const known = this.views.get(run_id)
    if (known) return known
    const view = new ModelView(run_id)
    this.views.set(run_id, view)
    if (this.connection.socket.connected) void this.#subscribe(view)
    return view
  }

  async #subscribe(view: ModelView): Promise<void> {
    const reply = await this.connection.ask("runs.subscribe", {
      run_id: view.run_id,
      cursor: view.subscribe(),
    })
    if (reply === LOST || reply.ok) return
    if (reply.error.code === "rate_limited" || reply.error.code === "unavailable") {
      await this.connection.pause(reply.error.retry_after_ms ?? 200)
      void this.#subscribe(view)
    } else if (this.refusals.length < 20) this.refusals.push(`${view.run_id}: ${reply.error.code}`)
  }

  get violations(): string[] {
    return [...this.refusals, ...[...this.views.values()].flatMap((view) => view.violations)]
  }

  close(): void {
    this.connection.close()
  }
}
