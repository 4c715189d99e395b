import type { Session, SessionEnd } from "@/cli/watch/Session"
import type { SessionIdentity } from "@/lib/dialects/session"

/** A session without a known process is over when nothing was written for this long. */
export const GONE_QUIET_MS = 3_000
/** A session of which nothing is known but its records is over after this long. */
export const SILENCE_MS = 600_000

/** What is known about the processes of one tool's sessions. */
export type Liveness = {
  /** A directory beside the sessions in which changes are of interest. */
  directory: string | undefined
  /** Reads the current state, before sessions are searched for. */
  start(): Promise<void>
  /** A file of the directory has changed or is gone. */
  onFile(name: string): void
  /** Detects ended processes. */
  check(now: number): Promise<void>
  isRunning(identity: SessionIdentity): boolean
  /** Brings a session that was just found up to date. */
  attach(session: Session): void
  /** Whether the session is over, by all that is known now. */
  endOf(session: Session, now: number): SessionEnd | undefined
}

/** How liveness reaches the sessions. */
export type SessionAccess = {
  get(key: string): Session | undefined
  all(): Session[]
  /** Finds a session again that was forgotten, or wasn't of interest. */
  revive(key: string): void
}

export function quietFor(session: Session, now: number): number {
  return now - session.changedAt
}

/** For tools of whose processes nothing can be known. */
export function silenceOnly(): Liveness {
  return {
    directory: undefined,
    start: async () => {},
    onFile: () => {},
    check: async () => {},
    isRunning: () => false,
    attach: () => {},
    endOf: (session, now) => (quietFor(session, now) >= SILENCE_MS ? { died: false } : undefined),
  }
}
