/**
 * Repeats a step, one at a time, whenever there may be something to do. Also resolves promises once a condition is true;
 * conditions are checked after every step.
 */
export class WorkLoop {
  private isWorking = false
  private needsWork = false
  private readonly checks = new Set<() => void>()

  /**
   * @param step returns false if there is nothing to do until the next `wake`. Never rejects.
   * @param onRest called whenever there is nothing to do.
   */
  constructor(
    private readonly step: () => Promise<boolean> | boolean,
    private readonly onRest: () => void = () => {},
  ) {}

  /** True if a step is running or about to run. */
  get isBusy(): boolean {
    return this.isWorking || this.needsWork
  }

  /** Starts work if there is any. Call it after every change. */
  wake(): void {
    this.needsWork = true
    if (this.isWorking) return
    this.isWorking = true
    // Deferred, so that changes of the same tick are handled together.
    queueMicrotask(() => void this.work())
  }

  /** Resolves as soon as a condition is true. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!holds()) return
        this.checks.delete(check)
        resolve()
      }
      this.checks.add(check)
      check()
    })
  }

  /** Checks the conditions. Call it after a change outside a step. */
  check(): void {
    for (const check of [...this.checks]) check()
  }

  private async work(): Promise<void> {
    while (this.needsWork) {
      this.needsWork = false
      while (await this.step()) this.check()
    }
    this.isWorking = false
    this.check()
    this.onRest()
  }
}
