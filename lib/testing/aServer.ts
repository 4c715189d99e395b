import { type IncomingMessage, type RequestOptions, request } from "node:http"
import { pino } from "pino"
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client"
import type { ClientToServerEvents, ServerToClientEvents } from "@/lib/protocol/catalog"
import { type AppOptions, createApp } from "@/server/app/createApp"
import { mintToken, type TokenGrant } from "@/server/auth/token"
import { readConfig } from "@/server/platform/Config"
import { MemoryAccessStore } from "@/server/store/memory/MemoryAccessStore"
import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"

export type TestClient = Socket<ServerToClientEvents, ClientToServerEvents>
export type TestResponse = { status: number; headers: IncomingMessage["headers"]; body: string }
export type TestServer = Awaited<ReturnType<typeof aServer>>

const NOBODY: Omit<TokenGrant, "name"> = { write: [], read: "own", control: false, mint: false }

/** Adds a token to a store and returns it. */
export async function aToken(store: MemoryAccessStore, grant: Partial<TokenGrant>): Promise<string> {
  const { token, row } = mintToken({ ...NOBODY, name: "test", ...grant }, new Date().toISOString())
  await store.addToken(row)
  return token
}

/**
 * Starts a complete in-memory server on a free port, with tokens for a viewer and an agent. Close it after the test.
 */
export async function aServer(
  options: Omit<Partial<AppOptions>, "config"> & {
    env?: Record<string, string>
    log?: (line: string) => void
  } = {},
) {
  const { env = {}, log = () => undefined, ...rest } = options
  const read = readConfig({ PORT: "0", ...env })
  if ("problem" in read) throw new Error(read.problem)
  const accessStore = new MemoryAccessStore()
  const viewer = await aToken(accessStore, { name: "viewer", read: "all", control: true })
  const agent = await aToken(accessStore, { name: "agent", write: ["*"], read: [] })
  const app = createApp({
    config: read.config,
    logger: pino({ level: "trace" }, { write: log }),
    store: new MemoryRunStore(),
    accessStore,
    pages: false,
    ...rest,
  })
  const { port } = await app.listen()
  const clients: TestClient[] = []

  return {
    app,
    port,
    viewer,
    agent,
    accessStore,
    url: `http://127.0.0.1:${port}`,
    cookieName: `turnline_session_${port}`,
    /** Creates a client and starts to connect it. Attach handlers before awaiting anything. */
    client(token: string | undefined, more: Partial<ManagerOptions & SocketOptions> = {}): TestClient {
      const client: TestClient = io(`http://127.0.0.1:${port}`, {
        transports: ["websocket"],
        reconnection: false,
        forceNew: true,
        ...(token !== undefined && { auth: { token } }),
        ...more,
      })
      clients.push(client)
      return client
    },
    /** Creates a client and connects it. Rejects with the server's error. */
    async connect(token: string | undefined, more: Partial<ManagerOptions & SocketOptions> = {}) {
      const client = this.client(token, more)
      await new Promise<void>((resolve, reject) => {
        client.once("connect", resolve)
        client.once("connect_error", reject)
      })
      return client
    },
    /** Sends an HTTP request with arbitrary headers. */
    fetch(path: string, more: RequestOptions & { body?: string } = {}): Promise<TestResponse> {
      const { body, ...options } = more
      return new Promise((resolve, reject) => {
        const sent = request({ host: "127.0.0.1", port, path, ...options }, (response) => {
          let text = ""
          response.setEncoding("utf8")
          response.on("data", (chunk) => {
            text += chunk
          })
          response.on("end", () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
          )
          response.on("error", reject)
        })
        sent.on("error", reject)
        sent.end(body)
      })
    },
    async close() {
      for (const client of clients) client.disconnect()
      await app.close()
    },
  }
}
