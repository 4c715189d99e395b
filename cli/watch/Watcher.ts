import { createHash } from "node:crypto"
import { existsSync, readFileSync, type Stats } from "node:fs"
import { basename, dirname } from "node:path"
import { asObject, parseJson } from "@/lib/dialects/json"
import type { RunKey, StartOperation } from "@/lib/dialects/operations"
import { folderName, type SessionIdentity } from "@/lib/dialects/session"
import { createSources, type LiveSource } from "./createSources"
import { FileFeed } from "./feeds/FileFeed"
import { OpencodeSessions } from "./opencode/OpencodeSessions"
import type { Liveness, SessionAccess } from "./processes/Liveness"
import type { RunServer } from "./runs/ServerConnection"
import type { Session } from "./Session"
import { type SessionSpec, Sessions } from "./Sessions"
import { describedAgent } from "./sources/claudeCodeSource"
import type { FileSource, Tool } from "./sources/Source"
import { TreeWatcher } from "./TreeWatcher"
import type { ToolDirectories } from "./toolDirectories"

const CHECK_MS = 500

export type WatcherOptions = {
  server: RunServer
  home: string
  directories: ToolDirectories
  tools: readonly Tool[]
  /** Sessions that haven't changed since this time (milliseconds since the epoch) and aren't running are ignored. */
  since: number
  /** If set, only sessions of this project are sent: the name of its directory, or its path. */
  project: string | undefined
  content: boolean
  onRun: (run: { runId: string; start: StartOperation; created: boolean }) => void
  onProblem: (message: string) => void
}

/** Finds the sessions of coding agents on this machine and writes them to Turnline. */
export class Watcher implements SessionAccess {
  private readonly sessions: Sessions
  private readonly sources: LiveSource[]
  private readonly opencode: OpencodeSessions | undefined
  private readonly tree: TreeWatcher
  /** The last known version of each session file. */
  private readonly files = new Map<string, string>()
  private readonly paths = new Map<RunKey, string>()
  private timer: NodeJS.Timeout | undefined
  private checking = false

  constructor(private readonly options: WatcherOptions) {
    const { server, content, onRun, onProblem } = options
    this.sessions = new Sessions({
      server,
      content,
      onRun,
      onProblem,
      admit: (start) => isOfProject(start, options.project),
    })
    this.sources = this.createSources()
    this.opencode = options.tools.includes("opencode") ? this.createOpencode() : undefined
    this.tree = new TreeWatcher({
      onFile: (path, stats) => this.onFile(path, stats),
      onGone: (path) => this.onGone(path),
      enter: (path) => this.sources.some(({ source }) => source.enter(path)),
    })
  }

  /** Finds existing sessions and follows them, and watches for new ones. */
  async start(): Promise<void> {
    for (const { liveness } of this.sources) await liveness.start()
    for (const { source, liveness } of this.sources) {
      if (liveness.directory !== undefined) this.tree.add(liveness.directory)
      for (const root of source.roots) this.tree.add(root)
    }
    this.opencode?.check(Date.now())
    this.timer = setInterval(() => void this.check(), CHECK_MS)
  }

  /** The number of running sessions, and of the other sessions that were found. */
  get counts(): { running: number; recent: number } {
    const all = this.sessions.all().filter(({ identity }) => identity.agent === undefined)
    const running = all.filter(({ identity }) => this.isRunning(identity)).length
    return { running, recent: all.length - running }
  }

  /** True if everything found so far has been sent, and the runs of all sessions that are over have ended. */
  get done(): boolean {
    const now = Date.now()
    return (
      this.sessions.idle &&
      this.sessions
        .all()
        .every((session) => !session.isEnding && (!session.runs.open || !this.mayEndSoon(session, now)))
    )
  }

  close(): void {
    clearInterval(this.timer)
    this.tree.close()
    this.opencode?.close()
    this.sessions.close()
  }

  get(key: RunKey): Session | undefined {
    return this.sessions.get(key)
  }

  all(): Session[] {
    return this.sessions.all()
  }

  revive(key: RunKey): void {
    const path = this.paths.get(key)
    const found = path === undefined ? undefined : this.identify(path)
    if (path !== undefined && found !== undefined) this.add(found.source, found.identity, path, Date.now())
  }

  private createSources(): LiveSource[] {
    const { directories, tools } = this.options
    const all = createSources(directories, this, (path) => this.isActive(path))
    return all.filter(({ source }) => tools.includes(source.tool))
  }

  private createOpencode(): OpencodeSessions {
    const { directories, since, onProblem } = this.options
    return new OpencodeSessions(directories.opencode, {
      since,
      sessions: this,
      onProblem,
      onSession: ({ identity, changedAt, reducer, feed }) =>
        this.sessions.found({
          identity,
          path: directories.opencode,
          changedAt,
          live: false,
          reducer: () => reducer(this.sessionOptions),
          feed,
        }),
    })
  }

  private get sessionOptions() {
    return { home: this.options.home, digest: sha256 }
  }

  private identify(path: string): { source: FileSource; identity: SessionIdentity } | undefined {
    for (const { source } of this.sources) {
      const identity = source.identify(path)
      if (identity !== undefined) return { source, identity }
    }
    return undefined
  }

  private onFile(path: string, stats: Stats): void {
    const liveness = this.sources.find((each) => each.liveness.directory === dirname(path))?.liveness
    const agent = describedAgent(path)
    if (liveness !== undefined) liveness.onFile(basename(path))
    else if (agent !== undefined) this.onDescription(agent, path)
    else this.onRecords(path, stats)
  }

  private onRecords(path: string, stats: Stats): void {
    const version = `${stats.ino} ${stats.size} ${stats.mtimeMs}`
    const before = this.files.get(path)
    if (before === version) return
    const found = this.identify(path)
    if (found === undefined) return
    this.files.set(path, version)
    this.paths.set(found.identity.key, path)
    const isOld = stats.mtimeMs < this.options.since
    if (before === undefined && isOld && !this.isRunning(found.identity)) return
    this.add(found.source, found.identity, path, stats.mtimeMs)
  }

  private onGone(path: string): void {
    const liveness = this.sources.find((each) => each.liveness.directory === dirname(path))?.liveness
    liveness?.onFile(basename(path))
    this.files.delete(path)
    const key = this.identify(path)?.identity.key
    if (key !== undefined && this.paths.get(key) === path) this.paths.delete(key)
  }

  private add(source: FileSource, identity: SessionIdentity, path: string, changedAt: number): void {
    const isNew = this.sessions.get(identity.key) === undefined
    const spec: SessionSpec = {
      identity,
      path,
      changedAt,
      live: this.isRunning(identity),
      reducer: () => source.reducer(identity, this.sessionOptions),
      feed: () => new FileFeed(path),
    }
    const session = this.sessions.found(spec)
    if (!isNew) return
    this.livenessOf(identity)?.attach(session)
    if (identity.key.startsWith("claude-code:")) this.addSubagents(path, identity)
  }

  /**
   * Watches the folder with the records of a session's sub-agents. If the session is itself a sub-agent, reads the file
   * that describes it. Neither has to exist.
   */
  private addSubagents(path: string, { agent }: SessionIdentity): void {
    const folder = path.replace(/\.jsonl$/, "")
    if (agent === undefined) {
      if (existsSync(folder)) this.tree.add(folder)
    } else {
      const description = `${folder}.meta.json`
      if (existsSync(description)) this.onDescription(describedAgent(description) ?? "", description)
    }
  }

  private onDescription(key: RunKey, path: string): void {
    let description: unknown
    try {
      description = parseJson(readFileSync(path, "utf8"))
    } catch {
      return
    }
    if (asObject(description)?.finished === true) this.sessions.get(key)?.requestEnd({ died: false })
  }

  private isActive(path: string): boolean {
    const version = this.files.get(path)
    if (version === undefined) return existsSync(path)
    const found = this.identify(path)
    if (found !== undefined && this.sessions.get(found.identity.key) !== undefined) return true
    return Number(version.split(" ")[2]) >= this.options.since
  }

  private livenessOf(identity: SessionIdentity): Liveness | undefined {
    const tool = identity.key.slice(0, identity.key.indexOf(":"))
    return this.sources.find(({ source }) => source.tool === tool)?.liveness ?? this.opencode?.liveness
  }

  private isRunning(identity: SessionIdentity): boolean {
    return this.livenessOf(identity)?.isRunning(identity) === true
  }

  private async check(): Promise<void> {
    if (this.checking) return
    this.checking = true
    try {
      await this.checkSessions()
    } catch (error) {
      this.options.onProblem(String(error))
    }
    this.checking = false
  }

  private async checkSessions(): Promise<void> {
    const now = Date.now()
    for (const { liveness } of this.sources) await liveness.check(now)
    this.opencode?.check(now)
    await this.opencode?.liveness.check(now)
    for (const session of this.sessions.all()) {
      if (!session.caughtUp || session.isEnding || !session.begun) continue
      const end = this.livenessOf(session.identity)?.endOf(session, now)
      if (end !== undefined) session.requestEnd(end)
    }
    this.sessions.sweep()
  }

  /** Returns true if the session will probably end within seconds. */
  private mayEndSoon(session: Session, now: number): boolean {
    const soon = now + 10_000
    return this.livenessOf(session.identity)?.endOf(session, soon) !== undefined
  }
}

function isOfProject({ agent_id, labels }: StartOperation, project: string | undefined): boolean {
  if (project === undefined) return true
  const path = labels?.project ?? ""
  return path === project || folderName(path) === project || agent_id.endsWith(`/${project}`)
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex")
}
