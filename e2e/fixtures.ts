import { test as base, expect, type Page } from "@playwright/test"
import { io, type Socket } from "socket.io-client"
import type {
  ClientToServerEvents,
  CommandInput,
  CommandName,
  Reply,
  ServerToClientEvents,
} from "@/lib/protocol/catalog"
import { type RunningServer, startServer } from "./server"

/** A bare protocol client. */
export type Client = {
  socket: Socket<ServerToClientEvents, ClientToServerEvents>
  ask<N extends CommandName>(command: N, payload: CommandInput<N>): Promise<Reply<N>>
  close(): void
}

/** Connects a bare Socket.IO client and resolves once it is connected. */
export async function connectClient(url: string, token: string): Promise<Client> {
  const socket: Client["socket"] = io(url, { auth: { token }, transports: ["websocket"], forceNew: true })
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve)
    socket.once("connect_error", reject)
  })
  return {
    socket,
    ask: (command, payload) =>
      new Promise((resolve, reject) => {
        // TypeScript can't index the event map by a type parameter. The types in the signature of `ask` suffice.
        const timed = socket.timeout(10_000) as unknown as { emit(...args: unknown[]): void }
        timed.emit(command, payload, (error: Error | null, reply: never) =>
          error ? reject(error) : resolve(reply),
        )
      }),
    close: () => socket.disconnect(),
  }
}

/** Collects what no page may do: dialogs, requests to other origins, errors, policy violations. */
export function watchPage(page: Page, origin: string): string[] {
  const offences: string[] = []
  page.on("dialog", (dialog) => {
    offences.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on("request", (request) => {
    const url = request.url()
    if (
      !url.startsWith(origin) &&
      !/^(data|blob|about):/.test(url) &&
      !url.startsWith(origin.replace("http", "ws"))
    )
      offences.push(`foreign request: ${url}`)
  })
  page.on("pageerror", (error) => offences.push(`error: ${error.message}`))
  page.on("console", (message) => {
    if (/Content.Security.Policy|Refused to/i.test(message.text())) offences.push(`policy: ${message.text()}`)
  })
  return offences
}

export const test = base.extend<{
  server: RunningServer
  env: Record<string, string>
  agent: Client
  viewer: Client
  offences: string[]
}>({
  env: [{}, { option: true }],
  server: async ({ env }, use) => {
    const server = await startServer(env)
    await use(server)
    await server.dispose()
  },
  agent: async ({ server }, use) => {
    const client = await connectClient(server.url, server.agentToken)
    await use(client)
    client.close()
  },
  viewer: async ({ server }, use) => {
    const client = await connectClient(server.url, server.viewerToken)
    await use(client)
    client.close()
  },
  /** Watches the page from its start. A story ends with `expect(offences).toEqual([])`. */
  offences: async ({ page, server }, use) => {
    await use(watchPage(page, server.url))
  },
})

export { expect }
