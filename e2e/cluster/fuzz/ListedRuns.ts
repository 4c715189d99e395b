import { Connection, LOST, type Transport } from "@/e2e/kit/Connection"
import type { RunSummary } from "@/lib/protocol/run"

/** A live list of runs, as a page has it: the reply to `runs.watch`, updated by events. */
export class ListedRuns {
  readonly connection: Connection
  readonly #runs = new Map<string, RunSummary>()
  #counts = ""

  constructor(options: { url: string; token: string; transport?: Transport }) {
    this.connection = new Connection(options)
    const { socket } = this.connection
    socket.on("connect", () => void this.#watch())
    socket.on("runs.registry.event", ({ upserts, removed, counts }) => {
      for (const run of upserts) this.#runs.set(run.run_id, run)
      for (const run_id of removed) this.#runs.delete(run_id)
      this.#counts = JSON.stringify(counts)
    })
  }

  /** What the list shows now, as comparable strings. */
  get shown(): string[] {
    return [...[...this.#runs.values()].map(brief).sort(), this.#counts]
  }

  /** What a new list would show. */
  async fetched(): Promise<string[]> {
    const reply = await this.connection.askWithRetries("runs.list", {})
    if (reply === LOST || !reply.ok) return [reply === LOST ? LOST : reply.error.code]
    return [...reply.runs.map(brief).sort(), JSON.stringify(reply.counts)]
  }

  close(): void {
    this.connection.close()
  }

  async #watch(): Promise<void> {
    const reply = await this.connection.askWithRetries("runs.watch", {})
    if (reply === LOST || !reply.ok) return
    this.#runs.clear()
    for (const run of reply.runs) this.#runs.set(run.run_id, run)
    this.#counts = JSON.stringify(reply.counts)
  }
}

function brief({ run_id, status, connected, cursor, activity, cancel_requested_at }: RunSummary): string {
  return JSON.stringify([run_id, status, connected, cursor, activity?.waiting_for, cancel_requested_at])
}
