import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { expect, it, onTestFinished, vi } from "vitest"
import { startEarlyCloser } from "@/lib/testing/startEarlyCloser"
import { AgentConnection } from "./AgentConnection"

it("reports a connection that is closed before the handshake, and tries again", async () => {
  const server = await startEarlyCloser()
  const errors: string[] = []
  const connection = new AgentConnection({
    address: { origin: server.url, basePath: "" },
    ackTimeoutMs: 1_000,
    reconnectDelayMs: 50,
    onOnline: () => {},
    onCancel: () => {},
    onError: (error) => errors.push(error.message),
  })
  onTestFinished(() => {
    connection.close()
    server.dispose()
  })
  // Less than the connect timeout, which would also lead to another attempt.
  await vi.waitUntil(() => server.closed() >= 2, { timeout: 9_000 })
  expect(errors).toHaveLength(1)
  expect(errors[0]).toContain("closed before the handshake")
}, 15_000)

it("names the cause if no transport reaches the server, and suggests http to a server without TLS", async () => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  const reported = (origin: string) =>
    new Promise<string>((resolve) => {
      const connection = new AgentConnection({
        address: { origin, basePath: "" },
        ackTimeoutMs: 1_000,
        reconnectDelayMs: 50,
        onOnline: () => {},
        onCancel: () => {},
        onError: (error) => resolve(error.message),
      })
      onTestFinished(() => connection.close())
    })
  expect(await reported(`https://127.0.0.1:${port}`)).toContain(
    `the server doesn't speak TLS; try http://127.0.0.1:${port}`,
  )
  server.close()
  expect(await reported(`http://127.0.0.1:${port}`)).toContain("ECONNREFUSED")
})
