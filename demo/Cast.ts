import { type Agent, type AgentError, connectAgent, type RunOptions } from "@/lib/agent/connectAgent"
import type { Chance } from "./Chance"
import type { Model } from "./models"
import type { Pace } from "./Pace"
import { type Play, playOut, Scene } from "./Scene"

/** The world that the fleet lives in. */
export type World = {
  url: string
  token: string
  chance: Chance
  pace: Pace
  warn: (message: string) => void
}

/** An agent of the fleet, with a connection of its own as if it were a process of its own. */
export class Cast {
  readonly chance: Chance
  readonly pace: Pace
  private agent: Agent

  constructor(
    private readonly world: World,
    readonly agentId: string,
    readonly agentName: string,
    private readonly model: Model,
  ) {
    this.chance = world.chance.fork(agentId)
    this.pace = world.pace
    this.agent = this.connect()
  }

  /** Plays one run from its start to its end. */
  async play(options: RunOptions, play: Play): Promise<void> {
    const run = this.agent.startRun(options)
    // A key that was used before names a run that was played before.
    if (options.idempotencyKey !== undefined && (await this.pace.soon(run.started()))?.created !== true)
      return
    const chance = this.chance.fork(options.intent + this.chance.hex(8))
    const outcome = await playOut(new Scene(run, chance, this.pace, this.model), play)
    await this.pace.soon(run.complete(outcome))
  }

  /** Plays the beginning of a run and then vanishes: its connection closes and nothing says why. The run's name to come back to, if it got that far. */
  async vanishAfter(
    options: RunOptions,
    beginning: (scene: Scene) => Promise<void>,
  ): Promise<string | undefined> {
    const run = this.agent.startRun(options)
    let left = false
    const outcome = await playOut(new Scene(run, this.chance, this.pace, this.model), async (scene) => {
      await beginning(scene)
      left = true
      return { status: "done" }
    })
    if (!left) await this.pace.soon(run.complete(outcome))
    await this.agent.close(2_000)
    this.agent = this.connect()
    return left ? run.runId : undefined
  }

  /** Comes back to a run and plays the rest of it. */
  async resume(runId: string, play: Play): Promise<void> {
    const run = this.agent.resumeRun(runId)
    const outcome = await playOut(new Scene(run, this.chance, this.pace, this.model), play)
    await this.pace.soon(run.complete(outcome))
  }

  /** Lives until the fleet stops: one act after the other, with a rest in between. */
  async live(act: () => Promise<void>, restMs: [number, number]): Promise<void> {
    while (!this.pace.stop.aborted) {
      try {
        await act()
        await this.pace.wait(this.chance.whole(...restMs))
      } catch {
        // Interrupted, and the loop's condition knows why; anything else must not make it spin.
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
    await this.leave()
  }

  /** Delivers what waits, and disconnects. */
  async leave(): Promise<void> {
    await this.agent.close(2_000)
  }

  private connect(): Agent {
    const { url, token, warn } = this.world
    const { agentId, agentName } = this
    // Acts that were played on an earlier day have ended: that is no news.
    const onError = (error: AgentError) => error.code !== "already_terminal" && warn(error.message)
    return connectAgent({ url, token, agentId, agentName, clientId: "demo", onError })
  }
}
