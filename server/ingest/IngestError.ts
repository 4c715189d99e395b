/** Why a request in a foreign format isn't accepted, as the sender is answered. */
export class IngestError extends Error {
  override readonly name = "IngestError"

  constructor(
    readonly status: number,
    message: string,
    /** When to try again, in seconds. Without it the sender shouldn't. */
    readonly retryAfter?: number,
  ) {
    super(message)
  }
}
