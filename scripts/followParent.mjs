/**
 * Under npm, sends this process a SIGTERM when its parent ends: npm forwards signals to the shell that runs the script,
 * and the shell ends without forwarding them.
 */
export function followParent() {
  if (!process.env.npm_lifecycle_event) return
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, "SIGTERM")
  }, 500).unref()
}
