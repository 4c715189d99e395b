import { BoundedMap } from "@/lib/dialects/BoundedMap"
import type { RunKey } from "@/lib/dialects/operations"
import type { Clock } from "@/server/platform/Clock"

/** How long turns are held back. Usually enough for a watcher to read a session's first line after its first hook. */
export const HOLD_MS = 2_000
const MAX_RUNS = 500

/** The state that the writers of one session's runs share. */
export class HookSession {
  readonly #clock: Clock
  readonly #runs = new BoundedMap<RunKey, { promise: Promise<string | undefined>; found(id?: string): void }>(
    MAX_RUNS,
  )
  readonly #waiting = new Set<() => void>()
  #role: "write" | "follow" | undefined
  /** The agent of the session's own run. The runs of the session's sub-agents belong to the same agent. */
  agentId: string | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `write` if hooks write this session's turns, `follow` if another writer does; undefined until that is known. */
  get role(): "write" | "follow" | undefined {
    return this.#role
  }

  /** Sets the role and wakes waiting writers. `undefined` resets it for the next process. */
  setRole(role: "write" | "follow" | undefined): void {
    this.#role = role
    if (role === undefined) return
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  /** Registers a callback for when the role is known. */
  onRole(wake: () => void): void {
    this.#waiting.add(wake)
  }

  /** Calls `run` once a watcher has had enough time to write the first turn. */
  afterHold(run: () => void): void {
    this.#clock.setTimeout(run, HOLD_MS)
  }

  /** Records which run belongs to a key. `runId` is undefined if the key has no run. */
  setRun(key: RunKey, runId: string | undefined): void {
    this.#run(key).found(runId)
    this.#runs.delete(key)
    const promise = Promise.resolve(runId)
    this.#runs.set(key, { promise, found: () => {} })
  }

  /**
   * Waits until the run of a key has started. Resolves with undefined if the key has no run or `waitMs` have passed.
   */
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

/** Returns the session to which a run belongs. A sub-agent's key starts with its session's key. */
export function hookSessionOf(sessions: Map<string, HookSession>, key: string, clock: Clock): HookSession {
  const name = key.split("/")[0] ?? key
  const session = sessions.get(name) ?? new HookSession(clock)
  sessions.set(name, session)
  return session
}
