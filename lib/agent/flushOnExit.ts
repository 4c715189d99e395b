import { isNode } from "./delivery/AgentConnection"

type Exit = {
  on(event: "beforeExit", run: () => void): void
  off(event: "beforeExit", run: () => void): void
}

const flushes = new Set<() => void>()
const flushAll = () => {
  for (const flush of flushes) flush()
}

/**
 * In Node: runs `flush` when the process has nothing else to do, which keeps it alive until that is done.
 * Elsewhere nothing. Returns how to stop.
 */
export function flushOnExit(flush: () => void): () => void {
  if (!isNode()) return () => {}
  // One listener for all agents: Node warns of more than ten.
  const exit = (globalThis as unknown as { process: Exit }).process
  if (flushes.size === 0) exit.on("beforeExit", flushAll)
  flushes.add(flush)
  return () => {
    flushes.delete(flush)
    if (flushes.size === 0) exit.off("beforeExit", flushAll)
  }
}
