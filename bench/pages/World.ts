import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { type RunningServer, startServer } from "@/e2e/server"
import { Browser } from "./Browser"
import type { Paced } from "./Fleet"
import type { FleetCall, FleetReply } from "./fleetChild"
import type { Tab } from "./Tab"

/** Limits that no row measures, raised so that they have no effect. */
const HIGH_LIMITS = { TURNLINE_RATE_PER_SOCKET: "1000000", TURNLINE_MAX_TURNS_PER_RUN: "1000000" }

/** The built product, a process with agents, and a signed-in browser. */
export class World {
  readonly #fleet: ChildProcess
  readonly probe: string

  private constructor(
    readonly server: RunningServer,
    readonly browser: Browser,
    fleet: ChildProcess,
    probe: string,
  ) {
    this.#fleet = fleet
    this.probe = probe
  }

  static async begin(size = { width: 1440, height: 900 }): Promise<World> {
    const bundled = await build({
      entryPoints: [fileURLToPath(new URL("./probe.ts", import.meta.url))],
      bundle: true,
      write: false,
      format: "iife",
      target: "es2022",
    })
    const server = await startServer(HIGH_LIMITS)
    const fleet = fork(fileURLToPath(new URL("./fleetChild.ts", import.meta.url)))
    const world = new World(server, new Browser(size), fleet, bundled.outputFiles[0]?.text ?? "")
    const port = Number(new URL(server.url).port)
    await world.ask({ call: "begin", port, token: server.agentToken })
    const tab = await world.open(`/?token=${server.viewerToken}`)
    await tab.evaluate(
      "new Promise((done) => (document.readyState === 'complete' ? done() : addEventListener('load', done)))",
    )
    await tab.close()
    return world
  }

  /** Calls the fleet. Await each reply before the next call, because replies don't say which call they belong to. */
  ask<T = unknown>(call: FleetCall): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#fleet.once("message", (answer: FleetReply) => {
        if ("error" in answer) reject(new Error(answer.error))
        else resolve(answer.value as T)
      })
      this.#fleet.send(call)
    })
  }

  /** Starts a run with this many turns of about `bytes` each. */
  async filled(turns: number, bytes = 2_000): Promise<string> {
    const [run_id = ""] = await this.ask<string[]>({ call: "start", count: 1 })
    await this.ask({ call: "fill", run_id, turns, bytes })
    return run_id
  }

  rest(): Promise<Paced> {
    return this.ask<Paced>({ call: "rest" })
  }

  /** Opens a tab in the foreground at a path of the product. */
  async open(path: string): Promise<Tab> {
    const tab = await this.browser.open(this.probe)
    await tab.goTo(this.server.url + path)
    return tab
  }

  async end(): Promise<void> {
    await this.browser.close()
    this.#fleet.disconnect()
    await this.server.dispose()
  }
}
