import { setPriority } from "node:os"
import { runJob } from "./jobs"
import type { FromChild, ToChild } from "./LoadProcess"
import { watchLoopDelay } from "./loopDelay"
import { Talk } from "./Talk"

// A load process: runs one job after the other, at a lower priority than the server under test.
setPriority(10)

const send = (message: FromChild) => process.send?.(message)
let talk: Talk | undefined

process.on("message", (message: ToChild) => {
  if ("word" in message) {
    talk?.receive(message.word)
    return
  }
  const { job, address, params } = message
  talk = new Talk((word) => send({ word }))
  const delay = watchLoopDelay()
  runJob(job, address, params, talk).then(
    (result) => send({ result, loopDelayMs: delay.stop() }),
    (error) => send({ error: error instanceof Error ? String(error.stack) : String(error) }),
  )
})
process.on("disconnect", () => process.exit(0))
