import { expect, it, onTestFinished, vi } from "vitest"
import { startEarlyCloser } from "@/lib/testing/startEarlyCloser"
import { openSocket } from "./openSocket"

it("tries again if the connection is closed before the handshake", async () => {
  const server = await startEarlyCloser()
  const socket = openSocket(server.url)
  onTestFinished(() => {
    socket.disconnect()
    server.dispose()
  })
  socket.connect()
  // Less than Socket.IO's connect timeout, which would also lead to another attempt.
  await vi.waitUntil(() => server.closed() >= 2, { timeout: 15_000 })
  expect(socket.connected).toBe(false)
}, 20_000)
