import { BoundedMap } from "@/lib/dialects/BoundedMap"
import type { RunKey } from "@/lib/dialects/operations"
import type { Clock } from "@/server/platform/Clock"

/** A watcher reads the first line of a session up to 1.2 s after its first hook. */
export const HOLD_MS = 2_000
const MAX_RUNS = 500

/** What the writers of one session's runs share. */
export class HookSession {
  readonly #clock: Clock
  readonly #runs = new BoundedMap<RunKey, { promise: Promise<string | undefined>; found(id?: string): void }>(
    MAX_RUNS,
  )
  readonly #waiting = new Set<() => void>()
  #role: "write" | "follow" | undefined
  /** The agent of the session's own run; those of its sub-agents belong to it, too. */
  agentId: string | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether hooks write this session's turns, or someone else does; undefined until that is known. */
  get role(): "write" | "follow" | undefined {
    return this.#role
  }

  /** Sets the role, or forgets it for the next process; writers that wait continue. */
  setRole(role: "write" | "follow" | undefined): void {
    this.#role = role
    if (role === undefined) return
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  /** Calls back once the role is known. */
  onRole(wake: () => void): void {
    this.#waiting.add(wake)
  }

  /** Calls back after the time that a watcher has to write the first turn. */
  afterHold(run: () => void): void {
    this.#clock.setTimeout(run, HOLD_MS)
  }

  /** Notes the run of a key; undefined: it has none. */
  setRun(key: RunKey, runId: string | undefined): void {
    this.#run(key).found(runId)
    this.#runs.delete(key)
    const promise = Promise.resolve(runId)
    this.#runs.set(key, { promise, found: () => {} })
  }

  /** The run of a key, as soon as it is started; undefined if that takes too long. */
  runOf(key: RunKey, waitMs: number): Promise<string | undefined> {
    const late = new Promise<undefined>((resolve) => {
      this.#clock.setTimeout(() => resolve(undefined), waitMs)
    })
    return Promise.race([this.#run(key).promise, late])
  }

  #run(key: RunKey) {
    let run = this.#runs.get(key)
    if (run === undefined) {
      let found: (id?: string) => void = () => {}
      const promise = new Promise<string | undefined>((resolve) => {
        found = resolve
      })
      run = { promise, found }
      this.#runs.set(key, run)
    }
    return run
  }
}

/** The session of a run by its key: a sub-agent's is its session's and its own id after it. */
export function hookSessionOf(sessions: Map<string, HookSession>, key: string, clock: Clock): HookSession {
  const name = key.split("/")[0] ?? key
  const session = sessions.get(name) ?? new HookSession(clock)
  sessions.set(name, session)
  return session
}
