/** Thrown when a request in a foreign format isn't accepted. The sender gets the status and the message. */
export class IngestError extends Error {
  override readonly name = "IngestError"

  constructor(
    readonly status: number,
    message: string,
    /** Seconds after which the sender should retry. Undefined if it shouldn't retry. */
    readonly retryAfter?: number,
  ) {
    super(message)
  }
}
