import type { Session } from "@/cli/watch/Session"
import { isAbandoned, type UnseenSession } from "./isAbandoned"
import { type Liveness, quietFor, type SessionAccess, silenceOnly } from "./Liveness"
import { type RunningProcess, runningProcesses } from "./runningProcesses"

/** How long to wait for a session's last records after its process has exited. */
const QUIET_MS = 1_000
/**
 * How long a session must be silent before a search for processes that could still write it, and how long to wait
 * before the next search.
 */
const UNSEEN_MS = 5_000

export type ProgramNames = {
  /** The prefix of the keys of the tool's sessions. */
  tool: string
  /** The name of the program on the command line. `package`: the name of its npm package. */
  program: string
  package: string
}

/** Queries about the processes of this machine. */
export type ProcessView = {
  /** Returns the running processes of a tool. */
  list(names: ProgramNames): RunningProcess[]
  isAbandoned(session: UnseenSession): boolean
}

const SYSTEM: ProcessView = {
  list: ({ program, package: name }) => runningProcesses(program, name),
  isAbandoned,
}

/**
 * Creates a `Liveness` for a tool whose files contain nothing about processes. A session may belong to any process of the
 * tool that was running when the session was last written to. It is over once all of these processes have ended. If none
 * was ever seen, the session is over if no process can still write it, or, where that can't be known, after a long
 * silence.
 */
export function namedLiveness(
  names: ProgramNames,
  sessions: SessionAccess,
  { list, isAbandoned: isGone }: ProcessView = SYSTEM,
): Liveness {
  const silence = silenceOnly()
  const seen = new WeakSet<Session>()
  const searches = new WeakMap<Session, { at: number; changedAt: number; found: boolean }>()
  let running: RunningProcess[] = []
  const mayBeOf = (session: Session) => running.some(({ startedAt }) => startedAt <= session.changedAt)
  const isUnwritten = (session: Session, now: number) => {
    if (quietFor(session, now) < UNSEEN_MS) return false
    const { path, directory, changedAt } = session
    const last = searches.get(session)
    if (last?.changedAt === changedAt && now - last.at < UNSEEN_MS) return last.found
    const found = isGone({ path, directory })
    searches.set(session, { at: now, changedAt, found })
    return found
  }
  return {
    ...silence,
    check: async () => {
      const open = sessions
        .all()
        // Includes sessions whose run can't be started yet, because Turnline is unreachable.
        .filter(({ identity, settled }) => !settled && identity.key.startsWith(`${names.tool}:`))
      running = open.length === 0 ? [] : withFirstStart(list(names), running)
      for (const session of open) if (mayBeOf(session)) seen.add(session)
    },
    endOf: (session, now) => {
      if (seen.has(session) && !mayBeOf(session) && quietFor(session, now) >= QUIET_MS) return { died: false }
      const end = silence.endOf(session, now)
      // A running process may be waiting for its user, for any length of time.
      if (end !== undefined || running.length > 0 || seen.has(session)) return end
      return isUnwritten(session, now) ? { died: false } : undefined
    },
  }
}

/**
 * Keeps the start of a process as first computed. The system computes it from the current time, so it changes when the
 * clock is set or a virtual machine resumes.
 */
function withFirstStart(now: RunningProcess[], before: readonly RunningProcess[]): RunningProcess[] {
  const known = new Map(before.map((process) => [`${process.pid} ${process.ticks}`, process]))
  return now.map((process) => known.get(`${process.pid} ${process.ticks}`) ?? process)
}
