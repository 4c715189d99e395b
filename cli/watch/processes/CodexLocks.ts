import { execFile } from "node:child_process"
import { existsSync, readdirSync, readFileSync, type Stats, statSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"

const run = promisify(execFile)
const SUFFIX = ".lock"
/** A lock counts as released once nobody has held it for this long. */
const SETTLE_MS = 300

type Lock = { inode: number; held: boolean; since: number }

export type LockEvents = {
  /** Called when a thread has a new lock file, because a process is about to open the thread. */
  onCreated(thread: string): void
  onHeld(thread: string): void
  /** Called when a lock has been released. `left`: its file still exists, which means that the process was killed. */
  onReleased(thread: string, left: boolean): void
}

/**
 * Detects which Codex threads are open: a Codex process holds a lock for each thread that it has open. This class only
 * looks at the locks and never takes one.
 */
export class CodexLocks {
  private readonly locks = new Map<string, Lock>()
  private readonly released = new Set<string>()

  constructor(
    readonly directory: string,
    private readonly events: LockEvents,
  ) {}

  /** False for versions of Codex without locks. Nothing is known about the processes then. */
  get known(): boolean {
    return existsSync(this.directory)
  }

  isHeld(thread: string): boolean {
    return this.locks.get(thread)?.held === true
  }

  /** True if the thread's lock file exists but nobody holds the lock. */
  isLeft(thread: string): boolean {
    return this.locks.get(thread)?.held === false || this.released.has(thread)
  }

  async check(now: number): Promise<void> {
    const files = this.lockFiles()
    for (const thread of [...this.locks.keys()]) if (!files.has(thread)) this.release(thread, false)
    if (files.size === 0) return
    const held = await heldInodes(this.directory, files)
    for (const [thread, stats] of files) this.update(thread, stats, held.has(stats.ino), now)
  }

  private update(thread: string, stats: Stats, held: boolean, now: number): void {
    const before = this.locks.get(thread)
    if (before !== undefined && before.inode !== stats.ino && before.held) this.release(thread, false)
    const known = before?.inode === stats.ino ? before : undefined
    const lock = known ?? { inode: stats.ino, held: false, since: now }
    this.locks.set(thread, lock)
    if (known === undefined) this.events.onCreated(thread)
    if (held && !lock.held) {
      lock.held = true
      this.released.delete(thread)
      this.events.onHeld(thread)
    }
    if (held) lock.since = now
    else if (lock.held && now - lock.since >= SETTLE_MS) this.release(thread, true)
  }

  private release(thread: string, left: boolean): void {
    const lock = this.locks.get(thread)
    this.locks.delete(thread)
    if (left) this.released.add(thread)
    else this.released.delete(thread)
    if (lock?.held === true) this.events.onReleased(thread, left)
  }

  private lockFiles(): Map<string, Stats> {
    const files = new Map<string, Stats>()
    let names: string[]
    try {
      names = readdirSync(this.directory)
    } catch {
      return files
    }
    for (const name of names) {
      if (!name.endsWith(SUFFIX) || name.startsWith(".")) continue
      const stats = statSync(join(this.directory, name), { throwIfNoEntry: false })
      if (stats !== undefined) files.set(name.slice(0, -SUFFIX.length), stats)
    }
    return files
  }
}

async function heldInodes(directory: string, files: Map<string, Stats>): Promise<Set<number>> {
  if (process.platform === "linux") return lockedInodes(readFileSync("/proc/locks", "latin1"))
  return openInodes(directory, files)
}

/**
 * Returns the inodes in a table of locks, which has the format of `/proc/locks`. A line of that table:
 * `1: FLOCK  ADVISORY  WRITE 4711 08:01:131074 0 EOF`
 */
function lockedInodes(table: string): Set<number> {
  const inodes = new Set<number>()
  for (const line of table.split("\n")) {
    // The line of a process that waits for a lock has an arrow.
    if (line.includes("->")) continue
    const inode = /\b[0-9a-f]+:[0-9a-f]+:(\d+)\b/i.exec(line)?.[1]
    if (inode !== undefined) inodes.add(Number(inode))
  }
  return inodes
}

/**
 * On systems other than Linux, a lock file counts as locked if any process has it open. Returns the inodes of those
 * files.
 */
async function openInodes(directory: string, files: Map<string, Stats>): Promise<Set<number>> {
  const paths = new Map([...files].map(([thread, { ino }]) => [join(directory, thread + SUFFIX), ino]))
  const open = new Set<number>()
  // lsof fails if any of the files isn't open.
  const { stdout } = await run("lsof", ["-F", "n", ...paths.keys()]).catch((error: { stdout?: string }) => ({
    stdout: error.stdout ?? "",
  }))
  for (const line of stdout.split("\n")) {
    const inode = line.startsWith("n") ? paths.get(line.slice(1)) : undefined
    if (inode !== undefined) open.add(inode)
  }
  return open
}
