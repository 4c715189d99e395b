import type { RunStore } from "@/server/store/RunStore"

const READS: ReadonlySet<PropertyKey> = new Set(["get", "getMany", "list", "count", "turns", "outlines"])
const WRITES: ReadonlySet<PropertyKey> = new Set([
  "start",
  "takeOver",
  "append",
  "complete",
  "abandon",
  "markDisconnected",
  "requestCancel",
  "delete",
])

type Slowness = {
  /** How long anything takes, each time anew. */
  wait(): Promise<void>
  /** Whether the process that asks still runs: what it asked for is not begun once it is dead, and nothing is answered. */
  alive(): boolean
}

/**
 * A store as one process sees it: reads and writes take their time before and after they are carried out, writes one after the other.
 * Between commit and answer nobody knows of a write; what a read brings back may be old by then.
 */
export function slowStore<S extends RunStore>(store: S, { wait, alive }: Slowness): S {
  let tail: Promise<unknown> = Promise.resolve()
  const never = () => new Promise<never>(() => {})
  const carryOut = async (method: (...args: never) => unknown, args: unknown[]): Promise<unknown> => {
    await wait()
    if (!alive()) return never()
    const result: unknown = await Reflect.apply(method, store, args)
    await wait()
    return alive() ? result : never()
  }
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target)
      if (typeof method !== "function") return method
      const called = method as (...args: never) => unknown
      if (READS.has(name)) return (...args: unknown[]) => carryOut(called, args)
      if (!WRITES.has(name)) return called.bind(target)
      return (...args: unknown[]) => {
        const done = tail.then(() => carryOut(called, args))
        tail = done.catch(() => {})
        return done
      }
    },
  })
}
