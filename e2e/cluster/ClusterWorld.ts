import { randomBytes } from "node:crypto"
import { readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { Client } from "pg"
import type { CheckReport } from "@/e2e/kit/model/checkStore"
import { Fleet, type FleetOptions } from "@/e2e/kit/model/Fleet"
import { removePostgres, startAgain, startPostgres, stopPostgres } from "@/scripts/postgres.mjs"
import { Balancer } from "./Balancer"
import { ClusterNode } from "./ClusterNode"
import { DatabaseWire } from "./fuzz/DatabaseWire"

const DATABASE_ATTEMPTS = 60

export type ClusterReport = CheckReport & {
  /** Runs that ended as incomplete even though their agents kept returning. */
  falselyIncomplete: number
  /** Nodes that ended unexpectedly. */
  crashes: number
}

export type ClusterWorldOptions = {
  nodes: number
  settings?: Record<string, string>
  /** Settings of the node with this name. */
  nodeSettings?(name: string): Record<string, string>
  /** Settings of PostgreSQL. */
  postgres?: Record<string, string | number>
  /** The folder for PostgreSQL, which must not exist yet. */
  folder?: string
  /** Connects each node to the database through a separate proxy. */
  wired?: boolean
}

/** Nodes behind a load balancer, with their own PostgreSQL server. Nodes and database can be stopped. */
export class ClusterWorld {
  readonly nodes: ClusterNode[]
  readonly balancer = new Balancer()
  readonly #options: ClusterWorldOptions
  readonly #folder: string
  readonly #wires: DatabaseWire[] = []
  #databaseUrl = ""

  constructor(options: ClusterWorldOptions) {
    const { nodes, settings = {}, nodeSettings = () => ({}), folder } = options
    this.#options = options
    this.#folder =
      folder ?? join(tmpdir(), `turnline-cluster-${process.pid}-${randomBytes(4).toString("hex")}`)
    const names = Array.from({ length: nodes }, (_, at) => `node-${at + 1}`)
    this.nodes = names.map((name) => new ClusterNode(name, { ...settings, ...nodeSettings(name) }))
  }

  async start(): Promise<void> {
    this.#databaseUrl = await startPostgres(this.#folder, this.#options.postgres)
    for (const node of this.nodes) {
      node.env.DATABASE_URL = this.#databaseUrl
      if (this.#options.wired !== true) continue
      const wire = await DatabaseWire.open(this.#databaseUrl)
      this.#wires.push(wire)
      node.env.DATABASE_URL = wire.url
    }
    const [first, ...others] = this.nodes
    await first?.start()
    await Promise.all(others.map((node) => node.start()))
    await this.balancer.listen(this.nodes.map(({ port }) => port))
  }

  node(at: number): ClusterNode {
    const node = this.nodes[at % this.nodes.length]
    if (node === undefined) throw new Error("The cluster has no nodes")
    return node
  }

  /** Returns a node's proxy to the database. */
  wire(at: number): DatabaseWire {
    const wire = this.#wires[at % this.nodes.length]
    if (wire === undefined) throw new Error("The nodes have no proxies")
    return wire
  }

  get databaseUrl(): string {
    return this.#databaseUrl
  }

  fleet(options: Omit<FleetOptions, "target">): Fleet {
    const [agentToken, viewerToken] = [this.node(0).token("agent"), this.node(0).token("viewer")]
    return new Fleet({ ...options, target: { url: this.balancer.url, agentToken, viewerToken } })
  }

  /** Stops the database, cleanly or like a crash. */
  stopDatabase(mode: "fast" | "immediate"): void {
    stopPostgres(this.#folder, mode)
  }

  /** Kills the database's main process. Its children end on their own. */
  killDatabase(): void {
    const [pid] = readFileSync(join(this.#folder, "data", "postmaster.pid"), "utf8").split("\n")
    process.kill(Number(pid), "SIGKILL")
  }

  startDatabase(): void {
    startAgain(this.#folder)
  }

  /** Starts the database unless it is running, and waits until it accepts connections. */
  async ensureDatabase(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.query("SELECT 1")
        return
      } catch (error) {
        if (attempt === DATABASE_ATTEMPTS) throw error
      }
      try {
        this.startDatabase()
      } catch {
        // PostgreSQL is still starting, or processes of the killed server are still ending.
      }
      await sleep(500)
    }
  }

  /** Runs a statement as a superuser. */
  async query(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.#databaseUrl })
    await client.connect()
    try {
      return (await client.query(text, values)).rows
    } finally {
      await client.end()
    }
  }

  async settle(fleet: Fleet): Promise<ClusterReport> {
    const { stored, ...report } = await fleet.settle(60_000)
    const incomplete = [...stored.values()].filter(({ status }) => status === "incomplete")
    for (const { run_id, turns } of incomplete)
      report.examples.push(
        `${run_id} ended as incomplete after ${turns.length} turns; ${takeOversOf(run_id, fleet)}`,
      )
    const crashes = this.nodes.reduce((sum, node) => sum + node.crashes, 0)
    if (crashes + incomplete.length > 0)
      for (const node of this.nodes) report.examples.push(node.log.slice(-1_500))
    return { ...report, falselyIncomplete: incomplete.length, crashes }
  }

  async close(): Promise<void> {
    this.balancer.close()
    await Promise.all(this.nodes.map((node) => node.dispose()))
    for (const wire of this.#wires) await wire.close()
    removePostgres(this.#folder)
  }
}

/** When the agent of a run that stayed open took it over, to see whether it had stayed away. */
function takeOversOf(run_id: string, fleet: Fleet): string {
  const replies = fleet.journal
    .entries()
    .flatMap((entry) => (entry.what === "tookOver" && entry.run_id === run_id ? [entry] : []))
  return `taken over ${replies.map(({ at, code }) => `${new Date(at).toISOString()} ${code}`).join(", ") || "never"}`
}
