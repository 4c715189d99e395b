import { randomBytes } from "node:crypto"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Client } from "pg"
import type { CheckReport } from "@/e2e/kit/checkStore"
import { Fleet, type FleetOptions } from "@/e2e/kit/Fleet"
import { removePostgres, startAgain, startPostgres, stopPostgres } from "@/scripts/postgres.mjs"
import { Balancer } from "./Balancer"
import { ClusterNode } from "./ClusterNode"

export type ClusterReport = CheckReport & {
  /** Runs that ended as incomplete although their agents kept returning. */
  falselyIncomplete: number
  /** Nodes that ended unexpectedly. */
  crashes: number
}

/** Nodes behind a balancer, with their own PostgreSQL server, which can be stopped. */
export class ClusterWorld {
  readonly nodes: ClusterNode[]
  readonly balancer = new Balancer()
  readonly #folder = join(tmpdir(), `turnline-cluster-${process.pid}-${randomBytes(4).toString("hex")}`)
  #databaseUrl = ""

  constructor(
    nodes: number,
    readonly settings: Record<string, string> = {},
  ) {
    this.nodes = Array.from({ length: nodes }, (_, at) => new ClusterNode(`node-${at + 1}`, this.settings))
  }

  async start(): Promise<void> {
    this.#databaseUrl = await startPostgres(this.#folder)
    this.settings.DATABASE_URL = this.#databaseUrl
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

  fleet(options: Omit<FleetOptions, "target">): Fleet {
    const [agentToken, viewerToken] = [this.node(0).token("agent"), this.node(0).token("viewer")]
    return new Fleet({ ...options, target: { url: this.balancer.url, agentToken, viewerToken } })
  }

  /** Stops the database, like a crash or cleanly. */
  stopDatabase(mode: "fast" | "immediate"): void {
    stopPostgres(this.#folder, mode)
  }

  startDatabase(): void {
    startAgain(this.#folder)
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
    const falselyIncomplete = [...stored.values()].filter(({ status }) => status === "incomplete").length
    const crashes = this.nodes.reduce((sum, node) => sum + node.crashes, 0)
    if (crashes > 0) for (const node of this.nodes) report.examples.push(node.log.slice(-1_500))
    return { ...report, falselyIncomplete, crashes }
  }

  async close(): Promise<void> {
    this.balancer.close()
    await Promise.all(this.nodes.map((node) => node.dispose()))
    removePostgres(this.#folder)
  }
}
