/** Promises of conditions, which are checked whenever something has changed. */
export class Conditions {
  private readonly checks = new Set<() => void>()

  /** Resolves as soon as a condition holds. */
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

  /** Call after every change. */
  check(): void {
    for (const check of [...this.checks]) check()
  }
}
