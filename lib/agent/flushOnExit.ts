import type { AgentOutcome } from "./AgentTurn"
import type { ExitDelivery } from "./delivery/exitDelivery"
import { isNode } from "./delivery/isNode"
import { deliverSync } from "./delivery/nodePlatform"
import { messageOf } from "./turn/messageOf"
import { prepareError } from "./turn/prepareError"

/** With this timeout, a process ends within 1.2 s. Delivery continues in its own process if it needs longer. */
const TIMEOUT_MS = 1_100
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const
type Signal = (typeof SIGNALS)[number]

/** The part of an agent that delivers queued turns when the process ends. */
export type ExitingAgent = {
  /** Starts closing the agent, which keeps the process alive until everything is delivered. */
  close(): void
  /** Removes and returns what isn't delivered, so that another process can deliver it. Undefined if there is nothing. */
  takeExitDelivery(outcome: AgentOutcome): ExitDelivery | undefined
  /** True if the agent also delivers on `process.exit`, signals and uncaught exceptions. */
  readonly wantsExitDelivery: boolean
}

type NodeProcess = {
  readonly pid: number
  on(event: string, listener: (...args: never[]) => void): void
  off(event: string, listener: (...args: never[]) => void): void
  listenerCount(event: string): number
  kill(pid: number, signal: Signal): void
}

const agents = new Set<ExitingAgent>()
let uncaught: { error: unknown } | undefined
let receivedSignal: Signal | undefined

/**
 * Delivers what agents have queued when their Node process ends. A process with nothing left to do stays alive until
 * delivery is done. With `wantsExitDelivery`, this also happens on `process.exit`, SIGINT, SIGTERM, SIGHUP and uncaught
 * exceptions; the caller's own handlers run as usual.
 *
 * @returns a function that unregisters the agent.
 */
export function flushOnExit(agent: ExitingAgent): () => void {
  if (!isNode()) return () => {}
  // One set of listeners for all agents, because Node warns above ten.
  if (agents.size === 0) nodeProcess().on("beforeExit", onBeforeExit)
  agents.add(agent)
  updateExitListeners()
  return () => {
    agents.delete(agent)
    if (agents.size === 0) nodeProcess().off("beforeExit", onBeforeExit)
    updateExitListeners()
  }
}

let isListening = false

function updateExitListeners(): void {
  const wanted = [...agents].some((agent) => agent.wantsExitDelivery)
  if (wanted === isListening) return
  isListening = wanted
  const process = nodeProcess()
  const change = wanted ? process.on.bind(process) : process.off.bind(process)
  change("exit", onExit)
  change("uncaughtExceptionMonitor", onUncaught)
  for (const signal of SIGNALS) change(signal, onSignal)
}

function onBeforeExit(): void {
  for (const agent of agents) agent.close()
}

function onExit(): void {
  deliverOnExit()
}

function onUncaught(error: unknown): void {
  uncaught ??= { error }
}

function onSignal(signal: Signal): void {
  receivedSignal ??= signal
  const process = nodeProcess()
  // The caller handles this signal too. Our `exit` listener delivers when the caller's handler exits the process.
  if (process.listenerCount(signal) > 1) return
  deliverOnExit()
  process.off(signal, onSignal)
  // Without a listener, the signal has its default effect and ends the process.
  process.kill(process.pid, signal)
}

function deliverOnExit(): void {
  const outcome = exitOutcome()
  for (const agent of [...agents]) {
    const exitDelivery = agent.wantsExitDelivery ? agent.takeExitDelivery(outcome) : undefined
    if (exitDelivery !== undefined) deliverSync(exitDelivery, TIMEOUT_MS)
  }
}

function exitOutcome(): AgentOutcome {
  const timestamp = new Date().toISOString()
  if (uncaught !== undefined)
    return {
      status: "failure",
      summary: messageOf(uncaught.error),
      error: prepareError(uncaught.error),
      timestamp,
    }
  const signal = receivedSignal === undefined ? {} : { signal: receivedSignal }
  return { status: "failure", summary: "interrupted", ...signal, timestamp }
}

function nodeProcess(): NodeProcess {
  return (globalThis as unknown as { process: NodeProcess }).process
}
