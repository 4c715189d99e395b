type Close = () => unknown

/** Closes services in reverse order. Each service registers its `close` where it is built. */
export class CloseStack {
  readonly #closers: Close[] = []
  #closing: Promise<void> | undefined

  /** Registers a function that is called on close, before all functions that were registered earlier. */
  defer(close: Close): void {
    this.#closers.push(close)
  }

  /**
   * Closes everything. Safe to call twice. If closing a service fails, the other services are closed anyway, and the
   * first error is thrown at the end.
   */
  close(): Promise<void> {
    this.#closing ??= this.#run()
    return this.#closing
  }

  async #run(): Promise<void> {
    const errors: unknown[] = []
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }
}
