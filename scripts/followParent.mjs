/**
 * Under npm, turns the loss of the parent into a SIGTERM: npm hands a signal to the shell between it and us,
 * and that shell dies of it alone.
 */
export function followParent() {
  if (!process.env.npm_lifecycle_event) return
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, "SIGTERM")
  }, 500).unref()
}
