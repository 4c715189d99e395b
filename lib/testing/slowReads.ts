import type { RunStore } from "@/server/store/RunStore"

const READS: ReadonlySet<PropertyKey> = new Set(["get", "getMany", "list", "count", "turns", "outlines"])

/** A store whose reads take as long as `wait` says, before and after they look; its writes are as they were. */
export function slowReads<S extends RunStore>(store: S, wait: () => Promise<void>): S {
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target)
      if (typeof method !== "function") return method
      if (!READS.has(name)) return method.bind(target)
      return async (...args: unknown[]) => {
        await wait()
        const found: unknown = await Reflect.apply(method, target, args)
        // What comes back may be old by then, as from a real store.
        await wait()
        return found
      }
    },
  })
}
