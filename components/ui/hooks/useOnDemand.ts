import { type ComponentType, useEffect, useState } from "react"

/**
 * Returns a component whose script is loaded when it is first needed; undefined until then. If loading fails (the
 * server was updated, the network is down), it is retried the next time the component is needed. `load` must be stable.
 */
export function useOnDemand<P>(
  needed: boolean,
  load: () => Promise<ComponentType<P>>,
): ComponentType<P> | undefined {
  const [part, setPart] = useState<ComponentType<P>>()
  useEffect(() => {
    if (!needed || part !== undefined) return
    let isMounted = true
    load().then(
      (loaded) => {
        if (isMounted) setPart(() => loaded)
      },
      () => undefined,
    )
    return () => {
      isMounted = false
    }
  }, [needed, part, load])
  return part
}
