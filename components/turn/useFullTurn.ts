"use client"

import { useCallback, useRef, useState } from "react"
import { useFollowedRun } from "@/lib/live/hooks/useFollowedRun"
import type { WireError } from "@/lib/protocol/codes"
import type { RunTurn } from "@/lib/protocol/turn"

export type FullTurn = {
  state: "idle" | "loading" | { error: WireError }
  /** Loads the turn without cuts, for all components that show it. Resolves with undefined if that fails. */
  load: () => Promise<RunTurn | undefined>
}

/** Loads what was cut from a turn. Concurrent calls share one request. */
export function useFullTurn(runId: string, index: number): FullTurn {
  const followed = useFollowedRun(runId)
  const [state, setState] = useState<FullTurn["state"]>("idle")
  const pending = useRef<Promise<RunTurn | undefined>>(undefined)
  const load = useCallback(() => {
    pending.current ??= (async () => {
      setState("loading")
      const result = await followed.loadWhole(index)
      pending.current = undefined
      setState(result.ok ? "idle" : { error: result.error })
      return result.ok ? result.turn : undefined
    })()
    return pending.current
  }, [followed, index])
  return { state, load }
}
