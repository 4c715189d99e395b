import type { Session } from "@/cli/watch/Session"
import { type Liveness, quietFor, type SessionAccess, silenceOnly } from "./Liveness"
import { type RunningProcess, runningProcesses } from "./runningProcesses"

/** How long to wait for a session's last records after its process has exited. */
const QUIET_MS = 1_000

export type ProgramNames = {
  /** The prefix of the keys of the tool's sessions. */
  tool: string
  /** The name of the program on the command line. `package`: the name of its npm package. */
  program: string
  package: string
}

/**
 * For tools whose files contain nothing about processes. A session may belong to any process of the tool that was
 * running when the session was last written to. It is over once all of these processes have ended. If none was running,
 * the session ends after a long silence.
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
        // Includes sessions whose run can't be started yet, because Turnline is unreachable.
        .filter(({ identity, settled }) => !settled && identity.key.startsWith(`${names.tool}:`))
      running = open.length === 0 ? [] : list(names)
      for (const session of open) if (mayBeOf(session)) seen.add(session)
    },
    endOf: (session, now) =>
      seen.has(session) && !mayBeOf(session) && quietFor(session, now) >= QUIET_MS
        ? { died: false }
        : silence.endOf(session, now),
  }
}
