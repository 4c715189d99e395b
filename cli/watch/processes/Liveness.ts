import type { Session, SessionEnd } from "@/cli/watch/Session"
import type { SessionIdentity } from "@/lib/dialects/session"

/** A session without a running process is over if nothing was written for this long. */
export const GONE_QUIET_MS = 3_000
/** A session whose processes can't be detected is over if nothing was written for this long. */
export const SILENCE_MS = 600_000

/** Detects the processes of one tool's sessions. */
export type Liveness = {
  /** A directory to watch in addition to those with the sessions; undefined if there is none. */
  directory: string | undefined
  /** Reads the current state. Called before sessions are searched for. */
  start(): Promise<void>
  /** Called when a file in the directory has changed or was removed. */
  onFile(name: string): void
  /** Detects processes that have ended. */
  check(now: number): Promise<void>
  isRunning(identity: SessionIdentity): boolean
  /** Passes the known state of its process to a newly found session. */
  attach(session: Session): void
  /** Returns how the session ended if it is over; otherwise undefined. */
  endOf(session: Session, now: number): SessionEnd | undefined
}

/** The operations on sessions that `Liveness` needs. */
export type SessionAccess = {
  get(key: string): Session | undefined
  all(): Session[]
  /** Restores a session that was forgotten or ignored. */
  revive(key: string): void
}

export function quietFor(session: Session, now: number): number {
  return now - session.changedAt
}

/** Creates a `Liveness` for a tool whose processes can't be detected: a session ends after a long silence. */
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
