import { join } from "node:path"
import type { Session, SessionEnd } from "@/cli/watch/Session"
import type { SessionIdentity } from "@/lib/dialects/session"
import { type ClaudeProcess, ClaudeProcesses } from "./ClaudeProcesses"
import { GONE_QUIET_MS, type Liveness, quietFor, type SessionAccess, SILENCE_MS } from "./Liveness"

/** How often to check whether a process that has removed its file has exited. The exit takes up to two seconds. */
const CLOSING_CHECK_MS = 100

const keyOf = (session: string) => `claude-code:${session}`

/**
 * Detects Claude Code's processes by the files in which they describe themselves. A sub-agent runs in the process of its
 * parent.
 */
export function claudeCodeLiveness(directory: string, sessions: SessionAccess): Liveness {
  const processes = new ClaudeProcesses(join(directory, "sessions"), {
    onProcess: (process) => onProcess(process, sessions),
    onClosing: (session) => sessions.get(keyOf(session))?.setProcess({ kind: "process", status: "exiting" }),
    onGone: (session, end) => onGone(session, end, sessions),
  })
  const checkClosing = () => {
    if (!processes.closing) return
    void processes.check()
    setTimeout(checkClosing, CLOSING_CHECK_MS)
  }
  return {
    directory: processes.directory,
    start: () => processes.scan(),
    onFile: (name) => void processes.read(name).then(checkClosing),
    check: () => processes.check(),
    isRunning: ({ session }) => processes.isRunning(session),
    attach: (session) => {
      const process =
        session.identity.agent === undefined ? processes.of(session.identity.session) : undefined
      if (process !== undefined) apply(session, process)
    },
    endOf: (session, now) => endOf(session, now, processes),
  }
}

function onProcess(process: ClaudeProcess, sessions: SessionAccess): void {
  const key = keyOf(process.session)
  const session = sessions.get(key)
  if (session === undefined) {
    sessions.revive(key)
    return
  }
  session.continueFrom(process.startedAt)
  apply(session, process)
}

function apply(session: Session, { status, waitingFor, name }: ClaudeProcess): void {
  session.setProcess({ kind: "process", status, ...(waitingFor === undefined ? {} : { waitingFor }) })
  if (name !== undefined) session.setTitle(name)
}

function onGone(id: string, end: SessionEnd, sessions: SessionAccess): void {
  for (const session of sessions.all())
    if (isOf(session.identity, id))
      session.requestEnd(session.identity.agent === undefined ? end : { died: end.died })
}

function isOf({ key, session }: SessionIdentity, id: string): boolean {
  return session === id && key.startsWith("claude-code:")
}

function endOf(session: Session, now: number, processes: ClaudeProcesses): SessionEnd | undefined {
  const { session: id } = session.identity
  if (processes.isRunning(id)) return undefined
  const limit = processes.known ? GONE_QUIET_MS : SILENCE_MS
  return quietFor(session, now) < limit ? undefined : { died: processes.hasDied(id) }
}
