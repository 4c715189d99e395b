import { existsSync } from "node:fs"
import { join } from "node:path"
import { FileFeed } from "@/cli/watch/feeds/FileFeed"
import type { Session, SessionEnd } from "@/cli/watch/Session"
import { asObject, asText } from "@/lib/dialects/json"
import { CodexLocks } from "./CodexLocks"
import { GONE_QUIET_MS, type Liveness, quietFor, type SessionAccess, SILENCE_MS } from "./Liveness"

const RECHECK_MS = 50

const keyOf = (thread: string) => `codex:${thread}`

/**
 * Detects Codex processes by their locks: a process holds a lock for each thread that it has open. In versions without
 * locks, a session ends after a long silence.
 */
export function codexLiveness(directory: string, sessions: SessionAccess): Liveness {
  const titles = new Titles(join(directory, "session_index.jsonl"), sessions)
  const locks = new CodexLocks(join(directory, "thread-writer-locks"), {
    onCreated: (thread) => sessions.get(keyOf(thread))?.finishNow(),
    onHeld: (thread) => {
      const session = sessions.get(keyOf(thread))
      if (session === undefined) {
        sessions.revive(keyOf(thread))
        return
      }
      session.finishNow()
      session.setProcess({ kind: "process", status: "busy" })
    },
    onReleased: (thread, left) => sessions.get(keyOf(thread))?.requestEnd({ died: left }),
  })
  return {
    directory: locks.directory,
    start: async () => {
      await locks.check(Date.now())
      titles.read()
    },
    onFile: () => {
      void locks.check(Date.now())
      // Codex doesn't lock a new file until a moment after creating it, so check again.
      setTimeout(() => void locks.check(Date.now()), RECHECK_MS)
    },
    check: async (now) => {
      await locks.check(now)
      titles.read()
    },
    isRunning: ({ session }) => locks.isHeld(session),
    attach: (session) => {
      if (locks.isHeld(session.identity.session)) session.setProcess({ kind: "process", status: "busy" })
      titles.apply(session)
    },
    endOf: (session, now) => endOf(session, now, locks),
  }
}

function endOf(session: Session, now: number, locks: CodexLocks): SessionEnd | undefined {
  const thread = session.identity.session
  if (locks.isHeld(thread)) return undefined
  const limit = locks.known || session.isOver ? GONE_QUIET_MS : SILENCE_MS
  return quietFor(session, now) < limit ? undefined : { died: locks.isLeft(thread) }
}

/** The threads' titles, from the index that the interactive tool writes. */
class Titles {
  private readonly titles = new Map<string, string>()
  private feed: FileFeed

  constructor(
    private readonly path: string,
    private readonly sessions: SessionAccess,
  ) {
    this.feed = new FileFeed(path)
  }

  read(): void {
    if (!existsSync(this.path)) return
    for (let more = true; more; ) {
      const read = this.feed.read()
      more = read.more
      for (const record of read.records) this.take(asObject(record))
    }
  }

  apply(session: Session): void {
    const title = this.titles.get(session.identity.session)
    if (title !== undefined) session.setTitle(title)
  }

  private take(record: ReturnType<typeof asObject>): void {
    const thread = asText(record?.id)
    const title = asText(record?.thread_name)
    if (thread === undefined || title === undefined) return
    this.titles.set(thread, title)
    this.sessions.get(keyOf(thread))?.setTitle(title)
  }
}
