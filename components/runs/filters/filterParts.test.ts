import { expect, test } from "vitest"
import { filterParts, withoutState } from "./filterParts"

test("each part of a filter is named, and can be removed separately", () => {
  const parts = filterParts({
    ...{ status: ["in_progress"], trouble: true, agent: "Ada Seven", since: "1h", q: "zeppelin" },
    labels: { env: "prod", tier: "1" },
  })
  expect(parts.map(({ text }) => text)).toEqual([
    "in progress",
    "in trouble",
    "“zeppelin”",
    "agent Ada Seven",
    "label env=prod, tier=1",
    "started last 1h",
  ])
  expect(parts[3]?.rest).not.toHaveProperty("agent")
  expect(parts[3]?.rest).toMatchObject({ since: "1h", q: "zeppelin" })
})

test("today's failures are one part", () => {
  expect(filterParts({ failed: true, today: true })).toMatchObject([{ text: "failed today", rest: {} }])
  expect(withoutState({ failed: true, today: true, waiting: true, q: "x" })).toEqual({ q: "x" })
})
