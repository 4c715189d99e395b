import type { RunStore } from "@/server/store/RunStore"

const READS: ReadonlySet<PropertyKey> = new Set(["get", "getMany", "list", "count", "turns", "outlines"])
const WRITES: ReadonlySet<PropertyKey> = new Set([
  "start",
  "takeOver",
  "append",
  "complete",
  "abandon",
  "update",
  "startImport",
  "discardImport",
  "finishImport",
  "markDisconnected",
  "requestCancel",
  "delete",
])

type Slowness = {
  /** Waits before and after each operation. */
  wait(): Promise<void>
  /** Returns true while the calling process runs. A killed process starts no operations and receives no results. */
  alive(): boolean
}

/**
 * Returns a store as seen by one process: operations take time before and after they are executed, and writes are
 * executed one after the other. When the caller gets the result of an operation, the store may already have changed
 * again.
 */
export function slowStore<S extends RunStore>(store: S, { wait, alive }: Slowness): S {
  let tail: Promise<unknown> = Promise.resolve()
  const never = () => new Promise<never>(() => {})
  const execute = async (method: (...args: never) => unknown, args: unknown[]): Promise<unknown> => {
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
      if (READS.has(name)) return (...args: unknown[]) => execute(called, args)
      if (!WRITES.has(name)) return called.bind(target)
      return (...args: unknown[]) => {
        const done = tail.then(() => execute(called, args))
        tail = done.catch(() => {})
        return done
      }
    },
  })
}
