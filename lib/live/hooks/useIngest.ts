"use client"

import type { IngestState } from "@/lib/live/Live"
import { useLive } from "@/lib/live/LiveProvider"
import { useSharedStore } from "./useSharedStore"

/** What arrives at the server, for the Connect page; `error` holds the refusal of a token that may not read all. */
export function useIngest(): IngestState {
  return useSharedStore(useLive().ingest, (state) => state)
}
