import { setImmediate } from "node:timers/promises"
import { LRUCache } from "lru-cache"
import { withTimeout } from "@/lib/agent/delivery/timers"
import type { Operation, RunKey, StartOperation } from "@/lib/dialects/operations"
import type { SessionIdentity } from "@/lib/dialects/session"
import type { RecordFeed } from "./feeds/RecordFeed"
import type { RunServer } from "./runs/ServerConnection"
import { SessionRuns } from "./runs/SessionRuns"
import { Session } from "./Session"
import type { SessionReducer } from "./sources/Source"

/** The maximum number of sessions imported concurrently. Sessions with a running process don't wait. */
const MAX_IMPORTS = 8
/** How long to wait for the file of a session that another session refers to. */
const DISCOVERY_MS = 1_500
/** The maximum number of found sessions that the watcher remembers. */
const MAX_SEEN = 100_000

export type SessionSpec = {
  identity: SessionIdentity
  path: string
  changedAt: number
  live: boolean
  reducer: () => SessionReducer
  feed: () => RecordFeed
}

export type SessionsOptions = {
  server: RunServer
  content: boolean
  admit: (start: StartOperation) => boolean
  onRun: (run: { runId: string; start: StartOperation; created: boolean }) => void
  onProblem: (message: string) => void
}

/**
 * The sessions that are still running or have something to send. All other sessions are forgotten. If records are added
 * to a forgotten session's file, the session is read again.
 */
export class Sessions {
  private readonly sessions = new Map<RunKey, Session>()
  private readonly queue = new Set<Session>()
  private readonly importing = new Set<Session>()
  private readonly seen = new LRUCache<RunKey, true>({ max: MAX_SEEN })
  /** The newest run of each forgotten session. */
  private readonly runs = new LRUCache<RunKey, string>({ max: 10_000 })
  /** Operations for sessions that have no run yet. */
  private readonly early = new LRUCache<RunKey, Operation[]>({ max: 500 })
  private readonly onFound = new Map<RunKey, Set<() => void>>()

  constructor(private readonly options: SessionsOptions) {}

  get(key: RunKey): Session | undefined {
    return this.sessions.get(key)
  }

  all(): Session[] {
    return [...this.sessions.values()]
  }

  /** True if everything that was found has been sent. */
  get idle(): boolean {
    return this.queue.size === 0 && this.all().every((session) => session.caughtUp && session.runs.idle)
  }

  /** Call this when a session has been found or its records have changed. */
  found(spec: SessionSpec): Session {
    const { key } = spec.identity
    const known = this.sessions.get(key)
    if (known !== undefined) {
      if (!this.queue.has(known)) known.wake(spec.changedAt)
      return known
    }
    const session = this.create(spec)
    this.sessions.set(key, session)
    this.seen.set(key, true)
    this.queue.add(session)
    for (const operation of this.early.get(key) ?? []) carryOut(session, operation)
    for (const notify of this.onFound.get(key) ?? []) notify()
    if (spec.live) this.begin(session)
    else void this.beginQueued()
    return session
  }

  /** Passes an operation from one session to the run of another. */
  route(operation: Operation): void {
    const { key } = operation
    const session = this.sessions.get(key)
    // The operation is kept until there is a run, because a session whose file is still empty may be forgotten and
    // found again.
    if (session?.runs.runId === undefined && !this.runs.has(key))
      this.early.set(key, [...(this.early.get(key) ?? []), operation].slice(-20))
    if (session !== undefined) carryOut(session, operation)
  }

  /** Forgets sessions that are over, and imports queued sessions in their place. */
  sweep(): void {
    for (const session of this.importing)
      if (session.caughtUp && session.runs.idle) this.importing.delete(session)
    for (const [key, session] of this.sessions) if (session.settled) this.forget(key, session)
    void this.beginQueued()
  }

  close(): void {
    for (const session of this.sessions.values()) session.close()
    this.sessions.clear()
    this.queue.clear()
  }

  private create(spec: SessionSpec): Session {
    const { identity, path, changedAt } = spec
    return new Session(identity, path, Math.min(changedAt, Date.now()), {
      reducer: () => spec.reducer(),
      feed: () => spec.feed(),
      createRuns: (session) => this.createRuns(session),
      route: (operation) => this.route(operation),
      onSettled: () => this.sweep(),
      onUnreadable: (_session, lines) =>
        this.options.onProblem(`${path}: ${lines} ${lines === 1 ? "line is" : "lines are"} not readable`),
      onFailure: (_session, error) => this.options.onProblem(`${path}: ${String(error)}`),
    })
  }

  private createRuns(session: Session): SessionRuns {
    const { server, content, admit, onRun, onProblem } = this.options
    return new SessionRuns({
      key: session.identity.key,
      server,
      content,
      admit,
      onRun,
      onProblem,
      resolve: (key, waitMs) => this.resolve(key, waitMs),
      onLost: () => session.restart(),
    })
  }

  private forget(key: RunKey, session: Session): void {
    const { runId } = session.runs
    if (runId !== undefined) {
      this.runs.set(key, runId)
      this.early.delete(key)
    }
    session.close()
    this.sessions.delete(key)
    this.importing.delete(session)
  }

  private begin(session: Session): void {
    if (!this.queue.delete(session)) return
    session.wake(session.changedAt)
  }

  private async beginQueued(): Promise<void> {
    // All sessions that are found together must be known before the first one is read.
    await setImmediate()
    for (const session of this.queue) {
      if (this.importing.size >= MAX_IMPORTS) return
      this.importing.add(session)
      this.begin(session)
    }
  }

  /** Returns the run of another session as soon as there is one, or undefined after `waitMs`. */
  private async resolve(key: RunKey, waitMs: number): Promise<string | undefined> {
    if (!this.sessions.has(key) && !this.seen.has(key) && waitMs > 0) await this.untilFound(key)
    const session = this.sessions.get(key)
    if (session === undefined) return this.runs.get(key)
    this.begin(session)
    const runs = session.runs
    if (waitMs > 0) await this.untilStarted(runs, waitMs)
    return runs.runId ?? this.runs.get(key)
  }

  /**
   * Waits until a session's run has started. Time without a connection doesn't count, because no run can start then.
   */
  private async untilStarted(runs: SessionRuns, waitMs: number): Promise<void> {
    const { server } = this.options
    const settled = runs.until(() => runs.runId !== undefined).then(() => true)
    for (;;) {
      const epoch = server.online ? server.epoch : undefined
      if (await withTimeout(settled, waitMs, false)) return
      if (server.online && server.epoch === epoch) return
    }
  }

  private async untilFound(key: RunKey): Promise<void> {
    let notify = () => {}
    const found = new Promise<void>((resolve) => {
      notify = resolve
    })
    const waiting = this.onFound.get(key) ?? new Set()
    this.onFound.set(key, waiting.add(notify))
    await withTimeout(found, DISCOVERY_MS, undefined)
    waiting.delete(notify)
    if (waiting.size === 0) this.onFound.delete(key)
  }
}

function carryOut(session: Session, operation: Operation): void {
  if (operation.op === "end") session.requestEnd({ died: false })
  else session.push(operation)
}
