import { type ComponentType, useEffect, useState } from "react"

/** The delay before loading a script again, ms. Each failure doubles it, up to the maximum. */
const RETRY_MS = 1_000
const MAX_RETRY_MS = 30_000

/**
 * Returns a component whose script is loaded when it is first needed; undefined until then. If loading fails (the
 * server is restarting, the network is down), it is retried for as long as the component is needed. `load` must be
 * stable.
 */
export function useOnDemand<P>(
  needed: boolean,
  load: () => Promise<ComponentType<P>>,
): ComponentType<P> | undefined {
  const [part, setPart] = useState<ComponentType<P>>()
  useEffect(() => {
    if (!needed || part !== undefined) return
    let isWanted = true
    let timer: ReturnType<typeof setTimeout> | undefined
    const attempt = (retryMs: number) =>
      load().then(
        (loaded) => {
          if (isWanted) setPart(() => loaded)
        },
        () => {
          if (isWanted) timer = setTimeout(attempt, retryMs, Math.min(MAX_RETRY_MS, retryMs * 2))
        },
      )
    void attempt(RETRY_MS)
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [needed, part, load])
  return part
}
