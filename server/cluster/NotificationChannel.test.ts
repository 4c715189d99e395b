import type { Client, Pool } from "pg"
import { pino } from "pino"
import { expect, test } from "vitest"
import { fakeClock } from "@/lib/testing/fakeClock"
import { NotificationChannel } from "./NotificationChannel"
import { decodeNotification } from "./notifications"

test("changes that couldn't be sent are sent later, once and together with newer changes", async () => {
  const clock = fakeClock()
  const sent: unknown[] = []
  let isDown = true
  const query = async (_: string, [, payloads = []]: [string, string[]?]) => {
    if (isDown) throw new Error("the database is restarting")
    for (const payload of payloads) sent.push(decodeNotification(payload)?.notification)
    return { rows: [] }
  }
  const channel = new NotificationChannel({
    pool: { query } as unknown as Pool,
    connect: () => Promise.reject<Client>(new Error("not used")),
    clock,
    logger: pino({ level: "silent" }),
    sender: "node",
  })
  channel.mute(false)
  channel.onDelete("deleted")
  channel.onTurns("run", 3)
  await clock.advanceAsync(100)
  channel.onTurns("run", 5)
  channel.onChange("changed")
  isDown = false
  await clock.advanceAsync(2_000)
  expect(sent).toEqual([
    { turns: [["run", 5]], changed: ["changed"], deleted: ["deleted"], sessions: [], isNew: false },
  ])
  await channel.close()
})
