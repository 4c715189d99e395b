import { Connection, type Transport } from "@/e2e/kit/Connection"
import { readTraces } from "@/e2e/kit/readTrace"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import { waitUntil } from "@/e2e/kit/waitUntil"
import { type CheckReport, checkStore } from "./checkStore"
import { type Journal, memoryJournal } from "./journal"
import { type AgentPlan, ModelAgent } from "./ModelAgent"
import { ModelViewer } from "./ModelViewer"
import type { StoredRun } from "./StoredRun"

/** A server under test, as returned by `startServer`. */
export type Target = {
  readonly url: string
  readonly agentToken: string
  readonly viewerToken: string
  readonly dataDir: string
  readonly pid: number
  log(): string
  crash(): Promise<void>
  restart(): Promise<void>
  stop(): Promise<number | null>
}

export type FleetOptions = {
  target: Pick<Target, "url" | "agentToken" | "viewerToken">
  transport?: Transport
  random: SeededRandom
  /** Prefix of the agents' names, so that two fleets on one server don't share agents. */
  name?: string
  agents: number
  viewers: number
  plan?: Partial<AgentPlan>
  /** Probability that a viewer follows a run. */
  followChance?: number
  journal?: Journal
  /** The URL for viewers, if not the server's own (a proxy). */
  viewerUrl?: (viewer: number) => string
}

/** Agents that write and viewers that follow them, all determined by one seed, and the final check. */
export class Fleet {
  readonly agents: ModelAgent[]
  readonly viewers: ModelViewer[]
  readonly runs: string[] = []
  readonly journal: Journal
  #works: Promise<void>[] = []

  constructor(readonly options: FleetOptions) {
    const { target, transport, random, plan, followChance = 0.5, viewerUrl = () => target.url } = options
    this.journal = options.journal ?? memoryJournal()
    this.viewers = Array.from(
      { length: options.viewers },
      (_, number) => new ModelViewer({ url: viewerUrl(number), token: target.viewerToken, transport }),
    )
    const follow = random.fork("follow")
    const onRun = (run_id: string) => {
      this.runs.push(run_id)
      for (const viewer of this.viewers) if (follow.chance(followChance)) viewer.follow(run_id)
    }
    this.agents = Array.from({ length: options.agents }, (_, number) => {
      const id = `${options.name ?? "fleet"}.${number}`
      const { url, agentToken: token } = target
      return new ModelAgent({
        url,
        token,
        transport,
        id,
        random: random.fork(id),
        journal: this.journal,
        onRun,
        ...(plan && { plan }),
      })
    })
  }

  get acked(): number {
    return this.agents.reduce((sum, agent) => sum + agent.acked, 0)
  }

  get violations(): string[] {
    return [
      ...this.agents.flatMap((agent) => agent.violations),
      ...this.viewers.flatMap((viewer) => viewer.refusals),
    ]
  }

  /** Waits for a condition. Throws immediately if an impossible state was seen. */
  until(what: string, condition: () => boolean, timeoutMs = 30_000): Promise<void> {
    return this.#wait(
      what,
      () => {
        const [violation] = this.violations
        if (violation !== undefined) throw new Error(`while waiting for ${what}: ${violation}`)
        return condition()
      },
      timeoutMs,
    )
  }

  /** Polls a condition with the transport's clock. */
  #wait(what: string, condition: () => boolean, timeoutMs: number): Promise<void> {
    return waitUntil(what, condition, timeoutMs, this.options.transport?.pause)
  }

  start(): void {
    this.#works = this.agents.map((agent) => agent.work())
  }

  /** Stops writing. Resolves when every batch sent has a reply. */
  async finish(timeoutMs = 60_000): Promise<void> {
    for (const agent of this.agents) agent.finish()
    let done = false
    void Promise.all(this.#works).then(() => {
      done = true
    })
    await this.#wait("every agent has its acknowledgements", () => done, timeoutMs)
  }

  /**
   * Finishes, waits until every view has caught up (or `timeoutMs` has passed), and checks acknowledgements, views
   * and the store against each other. Faults are reported, never thrown.
   */
  async settle(timeoutMs = 30_000): Promise<CheckReport & { stored: Map<string, StoredRun> }> {
    await this.finish()
    const { url, viewerToken: token } = this.options.target
    const { transport } = this.options
    const reader = new Connection({ url, token, transport })
    try {
      const stored = await readTraces(reader, this.runs)
      const views = this.viewers.flatMap((viewer) => [...viewer.views.values()])
      const caughtUp = () =>
        views.every((view) => {
          const run = stored.get(view.run_id)
          return view.cursor === run?.turns.length && view.ended === (run.status !== "in_progress")
        })
      await this.#wait("every view has caught up", caughtUp, timeoutMs).catch(() => {})
      const report = checkStore({
        journal: this.journal.entries(),
        stored,
        views,
        violations: this.violations,
      })
      return { ...report, stored }
    } finally {
      reader.close()
    }
  }

  close(): void {
    for (const agent of this.agents) agent.close()
    for (const viewer of this.viewers) viewer.close()
    this.journal.close()
  }
}
