import type { ForeignTime } from "@/lib/dialects/operations"
import type { Reducer } from "@/lib/dialects/Reducer"
import type { SessionIdentity, SessionInput, SessionOptions } from "@/lib/dialects/session"

export const TOOLS = ["claude-code", "codex", "gemini-cli", "qwen-code", "opencode", "pi"] as const
export type Tool = (typeof TOOLS)[number]

/** A dialect's reducer; its state is its own business. */
export type SessionReducer = Reducer<unknown, SessionInput> & {
  /** Whether the records tell that the process has nothing left to do. */
  isOver?(state: unknown): boolean
  /** Whether a record can only come from another process than the records before it. */
  beginsProcess?(state: unknown, record: unknown): boolean
  /** The newest time that the records state. */
  recordedAt?(state: unknown): ForeignTime | undefined
}

/** Where a tool keeps its sessions. */
export type FileSource = {
  tool: Tool
  /** The directories that hold sessions, at some depth. */
  roots: string[]
  /** Whether a directory below a root is watched. */
  enter(path: string): boolean
  /** The session of a file; undefined for other files. */
  identify(path: string): SessionIdentity | undefined
  reducer(identity: SessionIdentity, options: SessionOptions): SessionReducer
}

/** Erases the type of a reducer's state. */
export function anyState<State>(
  reducer: Reducer<State, SessionInput> & {
    isOver?(state: State): boolean
    beginsProcess?(state: State, record: unknown): boolean
    recordedAt?(state: State): ForeignTime | undefined
  },
): SessionReducer {
  return reducer as unknown as SessionReducer
}

/** The parts of a path below a root; undefined if it lies elsewhere. */
export function partsBelow(root: string, path: string): string[] | undefined {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1).split("/") : undefined
}
