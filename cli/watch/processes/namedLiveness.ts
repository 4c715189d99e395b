import type { Session } from "@/cli/watch/Session"
import { type Liveness, quietFor, type SessionAccess, silenceOnly } from "./Liveness"
import { type RunningProcess, runningProcesses } from "./runningProcesses"

/** A process may have written its last records a moment before it exited. */
const QUIET_MS = 1_000

export type ProgramNames = {
  /** As in the name of a session's key. */
  tool: string
  /** The program's name on the command line, or its package's. */
  program: string
  package: string
}

/**
 * For tools whose files say nothing about processes. A session may belong to any process of the tool that ran when it was
 * last written to; it is over once the last of those is gone. If none was ever seen, it ends by its silence.
 */
export function namedLiveness(
  names: ProgramNames,
  sessions: SessionAccess,
  list: (names: ProgramNames) => RunningProcess[] = ({ program, package: name }) =>
    runningProcesses(program, name),
): Liveness {
  const silence = silenceOnly()
  const seen = new WeakSet<Session>()
  let running: RunningProcess[] = []
  const mayBeOf = (session: Session) => running.some(({ startedAt }) => startedAt <= session.changedAt)
  return {
    ...silence,
    check: async () => {
      const open = sessions
        .all()
        .filter(({ identity, runs }) => runs.open && identity.key.startsWith(`${names.tool}:`))
      running = open.length === 0 ? [] : list(names)
      for (const session of open) if (mayBeOf(session)) seen.add(session)
    },
    endOf: (session, now) =>
      seen.has(session) && !mayBeOf(session) && quietFor(session, now) >= QUIET_MS
        ? { died: false }
        : silence.endOf(session, now),
  }
}
