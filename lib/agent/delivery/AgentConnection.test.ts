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
