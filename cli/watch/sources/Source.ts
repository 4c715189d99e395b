import type { ForeignTime } from "@/lib/dialects/operations"
import type { Reducer } from "@/lib/dialects/Reducer"
import type { SessionIdentity, SessionInput, SessionOptions } from "@/lib/dialects/session"

export const TOOLS = ["claude-code", "codex", "gemini-cli", "qwen-code", "opencode", "pi"] as const
export type Tool = (typeof TOOLS)[number]

/** The reducer of a dialect. Only the reducer knows the type of its state. */
export type SessionReducer = Reducer<unknown, SessionInput> & {
  /** Returns true if the records show that the process has nothing left to do. */
  isOver?(state: unknown): boolean
  /** Returns true if a record must come from a different process than the records before it. */
  beginsProcess?(state: unknown, record: unknown): boolean
  /** Returns the newest time in the records. */
  recordedAt?(state: unknown): ForeignTime | undefined
  /** Returns the directory in which the session works, if the records name one. */
  directory?(state: unknown): string | undefined
}

/** The session files of a tool. */
export type FileSource = {
  tool: Tool
  /** The directories below which the tool stores its sessions. */
  roots: string[]
  /** Returns true if a directory below a root should be watched. */
  enter(path: string): boolean
  /** Returns the session of a file; undefined for other files. */
  identify(path: string): SessionIdentity | undefined
  reducer(identity: SessionIdentity, options: SessionOptions): SessionReducer
}

/** Converts a reducer to one whose state has an unknown type. */
export function anyState<State>(
  reducer: Reducer<State, SessionInput> & {
    isOver?(state: State): boolean
    beginsProcess?(state: State, record: unknown): boolean
    recordedAt?(state: State): ForeignTime | undefined
    directory?(state: State): string | undefined
  },
): SessionReducer {
  return reducer as unknown as SessionReducer
}

/** Returns the parts of a path below a root; undefined for other paths. */
export function partsBelow(root: string, path: string): string[] | undefined {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1).split("/") : undefined
}
