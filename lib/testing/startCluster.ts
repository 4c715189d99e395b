import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pino } from "pino"
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client"
import type {
  ClientToServerEvents,
  CommandInput,
  CommandName,
  Reply,
  ServerToClientEvents,
} from "@/lib/protocol/catalog"
import { type App, createApp } from "@/server/app/createApp"
import { type Clock, systemClock } from "@/server/platform/Clock"
import { readConfig } from "@/server/platform/Config"

export type NodeClient = Socket<ServerToClientEvents, ClientToServerEvents>

export type TestNode = {
  readonly url: string
  readonly port: number
  /** Connects with the tokens that the first node created. */
  connect(as: "viewer" | "agent", more?: Partial<ManagerOptions & SocketOptions>): Promise<NodeClient>
  close(): Promise<void>
}

/** Sends a command and waits for its reply. */
export async function ask<N extends CommandName>(
  client: NodeClient,
  command: N,
  payload: CommandInput<N>,
): Promise<Reply<N>> {
  // The type of `emitWithAck` can't relate the parameters to a command whose name is a type parameter.
  const emitter: { emitWithAck(event: string, payload: unknown): Promise<unknown> } = client
  return (await emitter.emitWithAck(command, payload)) as Reply<N>
}

/** Servers in this process that share a PostgreSQL database, each with its own data directory. */
export class TestCluster {
  readonly #databaseUrl: string
  readonly #settings: Record<string, string>
  readonly #dirs: string[] = []
  readonly #apps = new Set<App>()
  readonly #clients: NodeClient[] = []
  readonly tokens = { viewer: "", agent: "" }

  constructor(databaseUrl: string, settings: Record<string, string> = {}) {
    this.#databaseUrl = databaseUrl
    this.#settings = settings
  }

  /** Starts a node. The first one creates the tokens. */
  async start(more: Record<string, string> = {}, clock: Clock = systemClock): Promise<TestNode> {
    const dir = await mkdtemp(join(tmpdir(), "turnline-node-"))
    this.#dirs.push(dir)
    const read = readConfig({
      PORT: "0",
      DATABASE_URL: this.#databaseUrl,
      TURNLINE_DATA_DIR: dir,
      TURNLINE_DATABASE_CONNECTIONS: "12",
      TURNLINE_NODE_NAME: `node-${this.#dirs.length}`,
      ...this.#settings,
      ...more,
    })
    if ("problem" in read) throw new Error(read.problem)
    const level = process.env.TURNLINE_TEST_LOG ?? "silent"
    const app = createApp({ config: read.config, clock, pages: false, logger: pino({ level }) })
    const { port } = await app.listen()
    this.#apps.add(app)
    if (this.tokens.viewer === "")
      for (const name of ["viewer", "agent"] as const)
        this.tokens[name] = (await readFile(join(dir, `${name}.token`), "utf8")).trim()
    return {
      port,
      url: `http://127.0.0.1:${port}`,
      connect: (as, options) => this.connect(`http://127.0.0.1:${port}`, this.tokens[as], options),
      close: async () => {
        this.#apps.delete(app)
        await app.close()
      },
    }
  }

  async connect(
    url: string,
    token: string,
    more: Partial<ManagerOptions & SocketOptions> = {},
  ): Promise<NodeClient> {
    const client: NodeClient = io(url, {
      auth: { token },
      transports: ["websocket"],
      reconnection: false,
      forceNew: true,
      ...more,
    })
    this.#clients.push(client)
    await new Promise<void>((resolve, reject) => {
      client.once("connect", resolve)
      client.once("connect_error", reject)
    })
    return client
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.disconnect()
    for (const app of this.#apps) await app.close()
    for (const dir of this.#dirs) await rm(dir, { recursive: true, force: true })
  }
}
