type Close = () => unknown

/** Closes services in reverse order. Each one registers its own `close` where it is built. */
export class CloseStack {
  readonly #closers: Close[] = []
  #closing: Promise<void> | undefined

  /** Registers a function to call on close, before all that were registered earlier. */
  defer(close: Close): void {
    this.#closers.push(close)
  }

  /**
   * Closes everything. Safe to call twice. If something fails, the rest is closed anyway, and the first error is thrown
   * at the end.
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
