import { AgentError } from "@/lib/agent/AgentError"
import type { CancelHandler, CancelRequest } from "@/lib/agent/AgentTurn"

/** The abort signal and the handlers for cancelling a run. Only the first request takes effect. */
export class CancellationState {
  private readonly controller = new AbortController()
  private readonly handlers = new Set<CancelHandler>()
  private request: CancelRequest | undefined

  constructor(private readonly onThrow: (thrown: unknown) => void) {}

  get signal(): AbortSignal {
    return this.controller.signal
  }

  /** Aborts the signal and calls the handlers, once. */
  accept(request: CancelRequest): void {
    if (this.request !== undefined) return
    this.request = request
    this.controller.abort(new AgentError("cancelled", request.reason ?? "A viewer requested cancellation."))
    for (const handler of [...this.handlers]) this.call(handler, request)
  }

  /** Adds a handler, or calls it soon if cancellation was requested. Returns a function that removes the handler. */
  addHandler(handler: CancelHandler): () => void {
    const { request } = this
    if (request === undefined) this.handlers.add(handler)
    else queueMicrotask(() => this.call(handler, request))
    return () => this.handlers.delete(handler)
  }

  private call(handler: CancelHandler, request: CancelRequest): void {
    try {
      handler(request)
    } catch (thrown) {
      this.onThrow(thrown)
    }
  }
}
