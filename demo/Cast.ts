import { type Agent, type AgentError, connectAgent, type RunOptions } from "@/lib/agent/connectAgent"
import type { Chance } from "./Chance"
import type { Model } from "./models"
import type { Pace } from "./Pace"
import { type Play, playOut, Scene } from "./Scene"

const CLOSE_MS = 2_000

/** What all agents of a fleet share. */
export type World = {
  url: string
  token: string
  chance: Chance
  pace: Pace
  warn: (message: string) => void
  /** How long an agent that leaves waits until its turns are stored, in milliseconds. */
  closeMs?: number
}

/** An agent of the fleet. It has its own connection, as if it ran in its own process. */
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

  /** Plays one run from start to end. */
  async play(options: RunOptions, play: Play): Promise<void> {
    const run = this.agent.startRun(options)
    // The key has been used before, so this run has already been played.
    if (options.idempotencyKey !== undefined && (await this.pace.soon(run.started()))?.created !== true)
      return
    const chance = this.chance.fork(options.intent + this.chance.hex(8))
    const outcome = await playOut(new Scene(run, chance, this.pace, this.model), play)
    await this.pace.soon(run.complete(outcome))
  }

  /**
   * Plays the beginning of a run and then closes the connection without ending the run. Returns the run's id for
   * `resume`, or undefined if the run wasn't started.
   */
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
    await this.agent.close(this.world.closeMs ?? CLOSE_MS)
    this.agent = this.connect()
    return left ? run.runId : undefined
  }

  /** Reconnects to a run and plays the rest of it. */
  async resume(runId: string, play: Play): Promise<void> {
    const run = this.agent.resumeRun(runId)
    const outcome = await playOut(new Scene(run, this.chance, this.pace, this.model), play)
    await this.pace.soon(run.complete(outcome))
  }

  /** Runs until the fleet stops: one act after the other, with a pause in between. */
  async live(act: () => Promise<void>, restMs: [number, number]): Promise<void> {
    while (!this.pace.stop.aborted) {
      try {
        await act()
        await this.pace.wait(this.chance.whole(...restMs))
      } catch {
        // If the act was interrupted, the loop's condition ends the loop. After any other error, this pause prevents a
        // busy loop.
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
    await this.leave()
  }

  /** Flushes queued turns and disconnects. */
  async leave(): Promise<void> {
    await this.agent.close(this.world.closeMs ?? CLOSE_MS)
  }

  private connect(): Agent {
    const { url, token, warn } = this.world
    const { agentId, agentName } = this
    // Expected: runs from an earlier day have already ended.
    const onError = (error: AgentError) => error.code !== "already_terminal" && warn(error.message)
    return connectAgent({ url, token, agentId, agentName, clientId: "demo", onError })
  }
}
