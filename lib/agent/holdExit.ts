import { isNode } from "./AgentLink"

type Exit = {
  on(event: "beforeExit", run: () => void): void
  off(event: "beforeExit", run: () => void): void
}

/**
 * In Node: runs `flush` when the process has nothing else to do, which keeps it alive until that is done.
 * Elsewhere nothing. Returns how to stop.
 */
export function holdExit(flush: () => void): () => void {
  if (!isNode()) return () => {}
  const exit = (globalThis as unknown as { process: Exit }).process
  exit.on("beforeExit", flush)
  return () => exit.off("beforeExit", flush)
}
