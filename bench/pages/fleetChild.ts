import { Fleet } from "./Fleet"

// The process with the benchmark's agents. It handles one call at a time.
export type FleetCall =
  | { call: "begin"; port: number; token: string }
  | { call: "start"; count: number }
  | { call: "fill"; run_id: string; turns: number; bytes: number }
  | { call: "complete"; run_id: string }
  | { call: "pace"; run_ids: string[]; perSecond: number }
  | { call: "rest" }
  | { call: "sentAt"; run_id: string }
export type FleetReply = { value: unknown } | { error: string }

let fleet: Fleet | undefined

function answer(message: FleetCall): unknown {
  if (message.call === "begin") {
    fleet = new Fleet(message.port, message.token)
    return undefined
  }
  if (fleet === undefined) throw new Error('The first call must be "begin".')
  switch (message.call) {
    case "start":
      return fleet.start(message.count)
    case "fill":
      return fleet.fill(message.run_id, message.turns, message.bytes)
    case "complete":
      return fleet.complete(message.run_id)
    case "pace":
      return fleet.pace(message.run_ids, message.perSecond)
    case "rest":
      return fleet.rest()
    case "sentAt":
      return [...(fleet.sentAt.get(message.run_id) ?? [])]
  }
}

process.on("message", async (message: FleetCall) => {
  const send = (what: FleetReply) => process.send?.(what)
  try {
    send({ value: await answer(message) })
  } catch (error) {
    send({ error: error instanceof Error ? String(error.stack) : String(error) })
  }
})
process.on("disconnect", () => process.exit(0))
