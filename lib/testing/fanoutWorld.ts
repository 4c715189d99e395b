import type { Limits } from "@/lib/protocol/limits"
import type { FanoutBounds } from "@/server/fanout/bounds"
import { Fanout } from "@/server/fanout/Fanout"
import { type TroubleSettings, UNLIMITED } from "@/server/platform/TroubleSettings"
import { LiveRuns } from "@/server/registry/live/LiveRuns"
import type { RegistryListener } from "@/server/registry/RegistryEvents"
import { RunQueries } from "@/server/registry/RunQueries"
import { RunRegistry } from "@/server/registry/RunRegistry"
import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"
import type { RunStore } from "@/server/store/RunStore"
import { someLimits } from "./builders"
import { type FakeClock, fakeClock } from "./fakeClock"
import { memorySubscriber } from "./memorySubscriber"

type Options = {
  store?: RunStore
  /** The store that fan-out and queries read. Default: `store`. */
  reads?: RunStore
  clock?: FakeClock
  limits?: Partial<Limits>
  bounds?: Partial<FanoutBounds>
  mintRunId?: () => string
  trouble?: TroubleSettings
  /** The listener that the registry notifies. Default: the fan-out. */
  listener?: (fanout: Fanout) => RegistryListener
}

/** Creates a registry and a fan-out, connected as in a server, with an in-memory store and a fake clock. */
export function fanoutWorld(options: Options = {}) {
  const clock = options.clock ?? fakeClock()
  const store = options.store ?? new MemoryRunStore()
  const reads = options.reads ?? store
  const limits = someLimits(options.limits)
  // By default, no run can get into trouble: the turns of tests are all alike, so every run would count as looping.
  const live = new LiveRuns(clock, undefined, options.trouble ?? UNLIMITED)
  const queries = new RunQueries({ store: reads, live, clock })
  const { bounds, mintRunId } = options
  const fanout = new Fanout({ queries, store: reads, clock, ...(bounds !== undefined && { bounds }) })
  const registry = new RunRegistry({
    store,
    clock,
    limits,
    listener: options.listener?.(fanout) ?? fanout,
    live,
    ...(mintRunId !== undefined && { mintRunId }),
  })
  /** Creates a subscriber that resumes the fan-out when it has drained. */
  const subscriber = (id: string, state: { stalled?: boolean } = {}) => {
    const made = memorySubscriber(id, state)
    made.onDrain = () => fanout.resume(made)
    return made
  }
  return { clock, store, limits, live, queries, registry, fanout, subscriber }
}
