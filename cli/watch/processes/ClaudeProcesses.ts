import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { asNumber, asObject, asText, parseJson } from "@/lib/dialects/json"
import type { ProcessStatus } from "@/lib/dialects/session"
import { processStart } from "./processStart"

/** A running Claude Code process, as it describes itself in `sessions/<pid>.json`. */
export type ClaudeProcess = {
  pid: number
  session: string
  procStart: string | undefined
  startedAt: number | undefined
  status: ProcessStatus
  waitingFor: string | undefined
  name: string | undefined
  updatedAt: number
  /** True once the process has removed its file. It will exit soon. */
  closing: boolean
}

export type ProcessEvents = {
  onProcess(process: ClaudeProcess): void
  /** Called when the session's process has removed its file. It will exit soon. */
  onClosing(session: string): void
  /**
   * Called when the session has no running process anymore. `next`: when the session's next process started, if it has
   * already started.
   */
  onGone(session: string, end: { died: boolean; next: number | undefined }): void
}

/** Follows the files in which Claude Code's processes describe themselves. Reads no other files in their directory. */
export class ClaudeProcesses {
  private readonly processes = new Map<number, ClaudeProcess>()
  /** Sessions whose process died without removing its file. */
  private readonly leftBehind = new Set<string>()

  constructor(
    readonly directory: string,
    private readonly events: ProcessEvents,
  ) {}

  /** False for versions of Claude Code that don't write these files. Nothing is known about the processes then. */
  get known(): boolean {
    return this.processes.size > 0 || existsSync(this.directory)
  }

  isRunning(session: string): boolean {
    return this.of(session) !== undefined
  }

  hasDied(session: string): boolean {
    return this.leftBehind.has(session)
  }

  /** Reads all files. Called at the start. */
  async scan(): Promise<void> {
    let names: string[]
    try {
      names = readdirSync(this.directory)
    } catch {
      return
    }
    for (const name of names) await this.read(name)
  }

  /** Reads the file with this name after it has changed or was removed. */
  async read(name: string): Promise<void> {
    const pid = pidOf(name)
    if (pid === undefined) return
    const described = readProcess(pid, join(this.directory, name))
    if (described === "gone") {
      const process = this.processes.get(pid)
      if (process !== undefined && !process.closing) {
        process.closing = true
        this.events.onClosing(process.session)
      }
      return this.check()
    }
    // The file is written in place, so it may be empty for a moment.
    if (described === undefined) return
    if (!(await isAlive(described))) {
      if (this.processes.has(pid)) await this.check()
      else this.leftBehind.add(described.session)
      return
    }
    const before = this.processes.get(pid)
    if (before !== undefined && before.updatedAt > described.updatedAt && isSame(before, described)) return
    await this.replace(before, described)
    this.processes.set(pid, described)
    this.leftBehind.delete(described.session)
    this.events.onProcess(described)
  }

  /**
   * Detects processes that have ended. `arriving`: a process that has just started. It may continue a session whose
   * last process has ended.
   */
  async check(arriving?: ClaudeProcess): Promise<void> {
    for (const process of [...this.processes.values()]) {
      if ((await isAlive(process)) || this.processes.get(process.pid) !== process) continue
      this.processes.delete(process.pid)
      const died = !process.closing && existsSync(join(this.directory, `${process.pid}.json`))
      if (died) this.leftBehind.add(process.session)
      this.leave(
        process.session,
        died,
        arriving?.session === process.session ? arriving.startedAt : undefined,
      )
    }
  }

  /** True if any process has removed its file but is still running. */
  get closing(): boolean {
    return [...this.processes.values()].some((process) => process.closing)
  }

  private async replace(before: ClaudeProcess | undefined, described: ClaudeProcess): Promise<void> {
    if (before !== undefined && !(isSame(before, described) && before.session === described.session)) {
      this.processes.delete(before.pid)
      this.leave(before.session, !isSame(before, described), undefined)
    }
    // The session may have been resumed before the end of its last process was noticed.
    const other = this.of(described.session)
    if (other !== undefined && other.pid !== described.pid) await this.check(described)
  }

  private leave(session: string, died: boolean, next: number | undefined): void {
    if (this.of(session) === undefined) this.events.onGone(session, { died, next })
  }

  of(session: string): ClaudeProcess | undefined {
    for (const process of this.processes.values()) if (process.session === session) return process
    return undefined
  }
}

function isSame(one: ClaudeProcess, other: ClaudeProcess): boolean {
  return one.pid === other.pid && one.procStart === other.procStart
}

function pidOf(name: string): number | undefined {
  const pid = /^(\d+)\.json$/.exec(name)?.[1]
  return pid === undefined ? undefined : Number(pid)
}

function readProcess(pid: number, path: string): ClaudeProcess | "gone" | undefined {
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch {
    return "gone"
  }
  const file = asObject(parseJson(text))
  const session = asText(file?.sessionId)
  if (file === undefined || session === undefined) return undefined
  const derived = file.nameSource === "derived"
  return {
    pid,
    session,
    procStart: asText(file.procStart) ?? asNumber(file.procStart)?.toString(),
    startedAt: asNumber(file.startedAt),
    status: statusOf(file.status),
    waitingFor: asText(file.waitingFor),
    name: derived ? undefined : asText(file.name),
    updatedAt: asNumber(file.updatedAt) ?? 0,
    closing: false,
  }
}

/** Returns the status. Statuses that only newer versions use count as busy. */
function statusOf(status: unknown): ProcessStatus {
  return status === "idle" || status === "waiting" ? status : "busy"
}

async function isAlive({ pid, procStart }: ClaudeProcess): Promise<boolean> {
  const start = await processStart(pid)
  return start !== undefined && (procStart === undefined || start === procStart)
}
