/** The parts of a Socket.IO client's `Manager` that are used here. */
type Manager = {
  readonly _readyState: "opening" | "open" | "closed"
  readonly engine: unknown
  open(done?: (error?: Error) => void): unknown
}
type Engine = { once(event: "close", listener: () => void): void; emit(event: "error", error: Error): void }

/**
 * Makes an attempt to connect fail as soon as its connection is closed, so that the next attempt follows after the usual
 * delay. Proxies close connections before the handshake while the server restarts. Socket.IO doesn't notice, and would
 * wait for its connect timeout.
 */
export function failOnEarlyClose(manager: Manager): void {
  const open = manager.open.bind(manager)
  let watched: unknown
  const watch = () => {
    // Unset until the first attempt.
    const engine = manager.engine as Engine | undefined
    if (engine === undefined || engine === watched) return
    watched = engine
    engine.once("close", () => {
      if (manager.engine === engine && manager._readyState === "opening")
        engine.emit("error", new Error("closed before the handshake"))
    })
  }
  manager.open = (done) => {
    const result = open(done)
    watch()
    return result
  }
  // The first attempt may have begun already.
  watch()
}
