/** Promises that resolve once a condition is true. Conditions are checked after every change. */
export class Conditions {
  private readonly checks = new Set<() => void>()

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

  /** Call after every change. */
  check(): void {
    for (const check of [...this.checks]) check()
  }
}
