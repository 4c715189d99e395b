import type { Limits } from "@/lib/protocol/limits"
import type { FanoutBounds } from "@/server/fanout/bounds"
import { Fanout } from "@/server/fanout/Fanout"
import type { Subscriber } from "@/server/fanout/Subscriber"
import { LiveRuns } from "@/server/registry/LiveRuns"
import type { RegistryListener } from "@/server/registry/RegistryEvents"
import { RunQueries } from "@/server/registry/RunQueries"
import { RunRegistry } from "@/server/registry/RunRegistry"
import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"
import type { RunStore } from "@/server/store/RunStore"
import { someLimits } from "./builders"
import { type FakeClock, fakeClock } from "./fakeClock"
import { memoryHub } from "./memorySubscriber"

type Options = {
  store?: RunStore
  /** What fanout and the reader read from, when that isn't the store as it is. */
  reads?: RunStore
  clock?: FakeClock
  limits?: Partial<Limits>
  bounds?: Partial<FanoutBounds>
  mintRunId?: () => string
  /** What the registry tells instead of the fanout itself. */
  listener?: (fanout: Fanout) => RegistryListener
}

/** A registry and a fanout wired as a server wires them, over memory and a clock that stands still. */
export function fanoutWorld(options: Options = {}) {
  const clock = options.clock ?? fakeClock()
  const store = options.store ?? new MemoryRunStore()
  const reads = options.reads ?? store
  const limits = someLimits(options.limits)
  const live = new LiveRuns(clock)
  const reader = new RunQueries({ store: reads, live, clock })
  const hub = memoryHub()
  const cutOff: Subscriber[] = []
  const fanout = new Fanout({
    reader,
    store: reads,
    emitRoom: hub.emitRoom,
    clock,
    cutOff: (subscriber) => cutOff.push(subscriber),
    ...(options.bounds !== undefined && { bounds: options.bounds }),
  })
  const { mintRunId } = options
  const registry = new RunRegistry({
    store,
    clock,
    limits,
    listener: options.listener?.(fanout) ?? fanout,
    live,
    ...(mintRunId !== undefined && { mintRunId }),
  })
  /** A subscriber whose transport wakes the fanout, as a socket's would. */
  const subscriber = (id: string, made: { stalled?: boolean } = {}) => {
    const one = hub.subscriber(id, made)
    one.onReady = () => fanout.ready(one)
    return one
  }
  return { clock, store, limits, live, reader, registry, fanout, hub, subscriber, cutOff }
}
