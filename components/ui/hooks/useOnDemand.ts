import { type ComponentType, useEffect, useState } from "react"

/**
 * A component whose script is fetched when it is first wanted; undefined until it is there. What cannot be had (the
 * server was updated, the network is down) is asked for again the next time that it is wanted. `load` is stable.
 */
export function useOnDemand<P>(
  wanted: boolean,
  load: () => Promise<ComponentType<P>>,
): ComponentType<P> | undefined {
  const [part, setPart] = useState<ComponentType<P>>()
  useEffect(() => {
    if (!wanted || part !== undefined) return
    let here = true
    load().then(
      (loaded) => {
        if (here) setPart(() => loaded)
      },
      () => undefined,
    )
    return () => {
      here = false
    }
  }, [wanted, part, load])
  return part
}
