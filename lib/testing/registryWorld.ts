import { parseExact } from "@/lib/protocol/exactNumbers"
import type { Limits } from "@/lib/protocol/limits"
import type { RunSummary } from "@/lib/protocol/run"
import type { RunTurn } from "@/lib/protocol/turn"
import { LiveRuns } from "@/server/registry/live/LiveRuns"
import type { RegistryListener } from "@/server/registry/RegistryEvents"
import { RunQueries } from "@/server/registry/RunQueries"
import { RunRegistry } from "@/server/registry/RunRegistry"
import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"
import type { RunStore } from "@/server/store/RunStore"
import { someLimits } from "./builders"
import { fakeClock } from "./fakeClock"

type Calls = Omit<RegistryListener, "turnsStored" | "follows">

/** A call of a listener: its name and arguments. For stored turns: the run, the first index and the turns. */
type ListenerCall =
  | ["turnsStored", RunSummary, number, RunTurn[]]
  | { [K in keyof Calls]: [K, ...Parameters<Calls[K]>] }[keyof Calls]

/** Creates a registry with an in-memory store and a fake clock, and collects the calls of its listener. */
export function registryWorld(options: { limits?: Partial<Limits>; store?: RunStore } = {}) {
  const clock = fakeClock()
  const store = options.store ?? new MemoryRunStore()
  const limits = someLimits(options.limits)
  const live = new LiveRuns(clock)
  const queries = new RunQueries({ store, live, clock })
  const calls: ListenerCall[] = []
  const listener: RegistryListener = {
    turnsStored: ({ run, from, turns }) =>
      calls.push(["turnsStored", run(), from, (turns() ?? []).map((turn) => parseExact(turn) as RunTurn)]),
    follows: () => true,
    runChanged: (...args) => calls.push(["runChanged", ...args]),
    progressChanged: (...args) => calls.push(["progressChanged", ...args]),
    runEnded: (...args) => calls.push(["runEnded", ...args]),
    runDeleted: (...args) => calls.push(["runDeleted", ...args]),
  }
  const registry = new RunRegistry({ store, clock, limits, listener, live })
  return { clock, store, limits, live, queries, registry, listener, calls }
}
