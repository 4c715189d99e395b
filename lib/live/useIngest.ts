"use client"

import type { IngestState } from "./Live"
import { useLive } from "./LiveProvider"
import { useKept } from "./useKept"

/** What arrives at the server, for the Connect page; `error` holds the refusal of a token that may not read all. */
export function useIngest(): IngestState {
  return useKept(useLive().ingest, (state) => state)
}
