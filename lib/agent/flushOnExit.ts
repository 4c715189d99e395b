import type { AgentOutcome } from "./AgentTurn"
import type { ExitDelivery } from "./delivery/exitDelivery"
import { isNode } from "./delivery/isNode"
import { deliverSync } from "./delivery/nodePlatform"
import { setBackgroundTimeout } from "./delivery/timers"
import { messageOf } from "./turn/messageOf"
import { prepareError } from "./turn/prepareError"

/** With this timeout, a process ends within 1.2 s. Delivery continues in its own process if it needs longer. */
const TIMEOUT_MS = 1_100
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const
type Signal = (typeof SIGNALS)[number]

/** The part of an agent that delivers queued turns when the process ends. */
export type ExitingAgent = {
  /** Starts delivery, which keeps the process alive until everything is delivered. */
  deliver(): void
  /**
   * Removes and returns what isn't delivered, so that another process can deliver it. Undefined if there is nothing.
   * `outcome`: how open runs end; without it, they stay open.
   */
  takeExitDelivery(outcome: AgentOutcome | undefined): ExitDelivery | undefined
  /** True if the agent also delivers on `process.exit`, signals and uncaught exceptions. */
  readonly wantsExitDelivery: boolean
}

type NodeProcess = {
  readonly pid: number
  on(event: string, listener: (...args: never[]) => void): void
  off(event: string, listener: (...args: never[]) => void): void
  listenerCount(event: string): number
  listeners(event: string): unknown[]
  kill(pid: number, signal: Signal): void
  /** Ends the process. `process.exit` calls it after the `exit` listeners. Undefined in worker threads. */
  reallyExit?: (...args: unknown[]) => void
}

const agents = new Set<ExitingAgent>()
let uncaught: { error: unknown } | undefined
let receivedSignal: Signal | undefined
/** True if the process is about to end because it has nothing left to do. */
let isIdle = false

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
  change("exit", onExitStart)
  change("exit", onExitEnd)
  change("newListener", onNewListener)
  change("uncaughtExceptionMonitor", onUncaught)
  for (const signal of SIGNALS) change(signal, onSignal)
}

function onBeforeExit(): void {
  isIdle = true
  // Only runs if the process continues.
  setBackgroundTimeout(() => {
    isIdle = false
  }, 0)
  for (const agent of agents) agent.deliver()
}

/** Delivers even if another `exit` listener calls `process.exit`, which skips the listeners after it. */
function onExitStart(): void {
  const process = nodeProcess()
  const { reallyExit } = process
  if (typeof reallyExit !== "function") return
  process.reallyExit = (...args) => {
    deliverOnExit()
    reallyExit.apply(process, args)
  }
}

function onExitEnd(): void {
  const process = nodeProcess()
  // A listener that was added immediately before `process.exit` is still to come. `reallyExit` delivers after it.
  const isLast = process.listeners("exit").at(-1) === onExitEnd
  if (isLast || process.reallyExit === undefined) deliverOnExit()
}

/** The caller's `exit` listeners may record turns, so ours has to be the last. */
function onNewListener(event: string): void {
  if (event === "exit" && !isMoving) queueMicrotask(moveToEnd)
}

let isMoving = false

function moveToEnd(): void {
  const process = nodeProcess()
  if (!isListening || process.listeners("exit").at(-1) === onExitEnd) return
  isMoving = true
  process.off("exit", onExitEnd)
  process.on("exit", onExitEnd)
  isMoving = false
}

function onUncaught(error: unknown): void {
  uncaught ??= { error }
  moveToEnd()
}

function onSignal(signal: Signal): void {
  receivedSignal ??= signal
  const process = nodeProcess()
  // The caller handles this signal too. Our `exit` listeners deliver when the caller's handler exits the process.
  if (process.listenerCount(signal) > 1) return
  deliverOnExit()
  process.off(signal, onSignal)
  // Without a listener, the signal has its default effect and ends the process.
  process.kill(process.pid, signal)
}

function deliverOnExit(): void {
  const outcome = exitOutcome()
  const giveUpAt = performance.now() + TIMEOUT_MS
  for (const agent of [...agents]) {
    const exitDelivery = agent.wantsExitDelivery ? agent.takeExitDelivery(outcome) : undefined
    if (exitDelivery !== undefined) deliverSync(exitDelivery, Math.max(1, giveUpAt - performance.now()))
  }
}

function exitOutcome(): AgentOutcome | undefined {
  if (isIdle && uncaught === undefined && receivedSignal === undefined) return undefined
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
