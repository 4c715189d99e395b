import type { StoreApi } from "zustand/vanilla"
import type { ListedRun } from "@/lib/protocol/catalogue"
import type { RunFilter } from "@/lib/protocol/commands"
import type { IngestNote } from "@/lib/protocol/events"
import type { RunSummary } from "@/lib/protocol/run"
import type { RunTurn } from "@/lib/protocol/turn"
import type { TurnDigest } from "@/lib/trace/turnDigest"
import type { ConnectionState } from "./connection/ConnectionState"
import type { Answer, Request } from "./connection/LiveSocket"
import type { LiveBoardState, RunListState, RunsState } from "./lists/RunListState"
import type { FollowState, TurnBodyState } from "./run/FollowState"

/** A store that begins to keep itself current when first retained, and ceases some seconds after the last release. */
export interface SharedStore<S> {
  readonly store: StoreApi<S>
  /** Returns the release; calling it twice is harmless. */
  retain(): () => void
}

/** One followed run. */
export interface FollowedRun extends SharedStore<FollowState> {
  readonly runId: string
  /** A turn's body as far as it is here; the same object until it changes. */
  body(index: number): TurnBodyState
  onBody(index: number, listener: () => void): () => void
  /** Asks for a body and its neighbours, unless they are here or on their way. */
  wantBody(index: number): void
  /** Fetches a turn with nothing cut and keeps it in place of the cut one. */
  loadWhole(index: number): Promise<Answer<{ turn: RunTurn }>>
}

/** A list of runs under a filter. */
export interface RunList extends SharedStore<RunListState> {
  /** Whether new runs are held back rather than put in: true unless the reader is at the very top with nothing selected. */
  setHold(hold: boolean): void
  loadMore(): void
  /** Puts in what was held back. */
  showNew(): void
}

/** The runs in progress. */
export interface LiveBoard extends SharedStore<LiveBoardState> {
  /** While held (the mouse is over it) nothing moves: ended runs stay, new ones join at the end. */
  setHold(hold: boolean): void
}

export type DigestState = {
  /** Of the turns from the first on, as far as they have been read. */
  digests: readonly TurnDigest[]
  reading: boolean
}

/** What the turns of one run contain, in short. */
export interface TurnDigests extends SharedStore<DigestState> {
  /** Reads on until the digests of the turns below `cursor` are here; harmless to ask for again. */
  want(cursor: number): void
}

export type IngestState = {
  phase: "loading" | "watching" | "error"
  /** Oldest first; the newest 500. */
  notes: readonly IngestNote[]
  error: string | undefined
}

export type ChildrenState = { phase: "loading" | "ready" | "error"; ids: readonly string[] }
export type RecentState = { phase: "loading" | "ready" | "error"; runs: readonly RunSummary[] }

/** The page's one connection and everything that it keeps current. */
export interface Live {
  /** Connects; harmless when connected. */
  open(): void
  close(): void
  readonly connection: StoreApi<ConnectionState>
  readonly runs: StoreApi<RunsState>
  readonly request: Request
  /** Milliseconds since 1970 by the server's clock, as well as it is known; never goes with a wrong browser clock. */
  serverNow(): number
  /** Calls back each time server time passes a multiple of `stepMs`; not while the tab is hidden, and at once when it is shown. */
  onTick(stepMs: number, listener: () => void): () => void
  /** The same object for the same run while it is retained. */
  followRun(runId: string): FollowedRun
  /** For comparing contents; reads nothing before it is retained and told how far. */
  turnDigests(runId: string): TurnDigests
  listRuns(filter: RunFilter): RunList
  readonly board: LiveBoard
  /** The children of a run, oldest first. */
  childRuns(runId: string): SharedStore<ChildrenState>
  /** The runs that were going on at some time in the last `rangeMs`, newest first; refreshed at most once a second. */
  recentRuns(rangeMs: number): SharedStore<RecentState>
  readonly ingest: SharedStore<IngestState>
  /** Runs that hold the words, for "go to"; without words the newest. At most 20. */
  searchRuns(words: string): Promise<Answer<{ runs: ListedRun[] }>>
  /** Asks the agent to stop; `delivered` says whether it was connected. */
  cancelRun(runId: string, reason?: string): Promise<Answer<{ delivered: boolean }>>
  deleteRun(runId: string): Promise<Answer<object>>
}
