import { createStore } from "zustand/vanilla"
import type { ConnectionState } from "./connectionState"
import type { FollowedRun, IngestState, Kept, Live, RunList, Wall } from "./Live"
import type { RunListState, RunsState, WallState } from "./listState"

const kept = <S>(state: S): Kept<S> => ({ store: createStore<S>(() => state), retain: () => () => {} })
const refused = {
  ok: false as const,
  error: { code: "unavailable" as const, message: "Not connected." },
}

/** Makes the page's connection; it connects when opened. */
export function createLive(): Live {
  return {
    open() {},
    close() {},
    connection: createStore<ConnectionState>(() => ({ phase: "connecting", epoch: 0, session: undefined })),
    runs: createStore<RunsState>(() => ({ byId: new Map(), counts: undefined })),
    request: async () => refused,
    serverNow: () => 0,
    onTick: () => () => {},
    followRun: () => {
      throw new Error("not built yet")
    },
    listRuns: (): RunList => ({
      ...kept<RunListState>(EMPTY_LIST),
      setHold() {},
      loadMore() {},
      showNew() {},
    }),
    wall: { ...kept<WallState>({ phase: "loading", ids: [] }), setHold() {} } satisfies Wall,
    childRuns: () => kept({ phase: "loading" as const, ids: [] }),
    recentRuns: () => kept({ phase: "loading" as const, runs: [] }),
    ingest: kept<IngestState>({ phase: "loading", notes: [], error: undefined }),
    searchRuns: async () => refused,
    cancelRun: async () => refused,
    deleteRun: async () => refused,
  } satisfies Live & { followRun: () => FollowedRun }
}

const EMPTY_LIST: RunListState = {
  phase: "loading",
  error: undefined,
  ids: [],
  hits: new Map(),
  more: false,
  loadingMore: false,
  pendingNew: 0,
}
