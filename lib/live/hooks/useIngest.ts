"use client"

import type { IngestState } from "@/lib/live/Live"
import { useLive } from "@/lib/live/LiveProvider"
import { useSharedStore } from "./useSharedStore"

/**
 * Returns the requests that arrive at the server, for the Connect page. `error` is set if the token may not see them.
 */
export function useIngest(): IngestState {
  return useSharedStore(useLive().ingest, (state) => state)
}
