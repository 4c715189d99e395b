import type { Limits } from "@/lib/protocol/limits"
import { LiveRuns } from "@/server/registry/LiveRuns"
import type { RegistryListener } from "@/server/registry/RegistryEvents"
import { RunReader } from "@/server/registry/RunReader"
import { RunRegistry } from "@/server/registry/RunRegistry"
import { MemoryRunStore } from "@/server/store/MemoryRunStore"
import type { RunStore } from "@/server/store/RunStore"
import { someLimits } from "./builders"
import { fakeClock } from "./fakeClock"

/** What a listener was told, in order: the call's name and its arguments. */
export type Told = {
  [K in keyof RegistryListener]: [K, ...Parameters<RegistryListener[K]>]
}[keyof RegistryListener]

/** A registry over a memory store and a clock that stands still, and what its listener was told. */
export function registryWorld(options: { limits?: Partial<Limits>; store?: RunStore } = {}) {
  const clock = fakeClock()
  const store = options.store ?? new MemoryRunStore()
  const limits = someLimits(options.limits)
  const live = new LiveRuns(clock)
  const reader = new RunReader({ store, live, clock })
  const told: Told[] = []
  const listener: RegistryListener = {
    turnsStored: (...args) => told.push(["turnsStored", ...args]),
    runChanged: (...args) => told.push(["runChanged", ...args]),
    progressChanged: (...args) => told.push(["progressChanged", ...args]),
    runEnded: (...args) => told.push(["runEnded", ...args]),
    runDeleted: (...args) => told.push(["runDeleted", ...args]),
  }
  const registry = new RunRegistry({ store, clock, limits, listener, live })
  return { clock, store, limits, live, reader, registry, listener, told }
}
