import { AgentError } from "@/lib/agent/AgentError"

export type CancelRequest = { reason?: string; requested_at: string }
export type CancelHandler = (request: CancelRequest) => void

/** Whether a viewer has asked for a run to be cancelled; the first wish counts. */
export class CancellationRequest {
  private readonly controller = new AbortController()
  private readonly handlers = new Set<CancelHandler>()
  private request: CancelRequest | undefined

  constructor(private readonly onThrow: (thrown: unknown) => void) {}

  get signal(): AbortSignal {
    return this.controller.signal
  }

  ask(request: CancelRequest): void {
    if (this.request !== undefined) return
    this.request = request
    this.controller.abort(new AgentError("cancelled", request.reason ?? "a viewer asked for a cancel"))
    for (const handler of [...this.handlers]) this.tell(handler, request)
  }

  listen(handler: CancelHandler): () => void {
    const { request } = this
    if (request === undefined) this.handlers.add(handler)
    else queueMicrotask(() => this.tell(handler, request))
    return () => this.handlers.delete(handler)
  }

  private tell(handler: CancelHandler, request: CancelRequest): void {
    try {
      handler(request)
    } catch (thrown) {
      this.onThrow(thrown)
    }
  }
}
