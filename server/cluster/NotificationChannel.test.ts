import { EventEmitter } from "node:events"
import type { Client, Pool } from "pg"
import { pino } from "pino"
import { expect, test } from "vitest"
import { type FakeClock, fakeClock } from "@/lib/testing/fakeClock"
import { NotificationChannel } from "./NotificationChannel"
import { decodeNotification } from "./notifications"

type Query = (sql: string, values: [channel: string, payloads?: string[]]) => Promise<{ rows: object[] }>

function openChannel(clock: FakeClock, query: Query): NotificationChannel {
  const client = Object.assign(new EventEmitter(), {
    query: async () => ({ rows: [] }),
    escapeIdentifier: (name: string) => name,
    end: async () => {},
  })
  return new NotificationChannel({
    pool: { query } as unknown as Pool,
    connect: async () => client as unknown as Client,
    clock,
    logger: pino({ level: "silent" }),
    sender: "node",
  })
}

test("changes that couldn't be sent are sent later, once and together with newer changes", async () => {
  const clock = fakeClock()
  const sent: unknown[] = []
  let isDown = true
  const channel = openChannel(clock, async (_, [, payloads = []]) => {
    if (isDown) throw new Error("the database is restarting")
    for (const payload of payloads) sent.push(decodeNotification(payload)?.notification)
    return { rows: [] }
  })
  channel.unmute()
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

test("I24: a node announces itself when it is no longer alone, because others may have missed its changes", async () => {
  const clock = fakeClock()
  const sent: unknown[] = []
  const channel = openChannel(clock, async (_, [, payloads = []] = [""]) => {
    sent.push(...payloads.flatMap((payload) => decodeNotification(payload)?.notification ?? []))
    return { rows: [] }
  })
  await channel.open({ onNotification: () => {}, onGap: () => {} })
  channel.onChange("missed")
  channel.unmute()
  channel.unmute()
  await clock.advanceAsync(100)
  expect(sent).toEqual([{ turns: [], changed: [], deleted: [], sessions: [], isNew: true }])
  await channel.close()
})
