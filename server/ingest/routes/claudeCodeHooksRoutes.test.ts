import { afterAll, beforeAll, expect, test } from "vitest"
import { type StartedTurnline, startTurnline } from "@/lib/testing/startTurnline"

let turnline: StartedTurnline

beforeAll(async () => {
  turnline = await startTurnline({ TURNLINE_AUTH: "token" })
})
afterAll(() => turnline.stop())

async function post(body: string, token: string | undefined = turnline.agentToken) {
  const response = await fetch(`${turnline.url}/ingest/claude-code/hooks`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body,
  })
  return { status: response.status, text: await response.text() }
}

const event = (session_id: string) =>
  JSON.stringify({ session_id, hook_event_name: "UserPromptSubmit", cwd: "/srv/shop", prompt: "Fix it" })

test("an event gets an empty object as response and starts a run", async () => {
  expect(await post(event("s1"))).toEqual({ status: 200, text: "{}" })
  await expect
    .poll(async () => (await turnline.ask("runs.list", { agent_id: "claude-code/shop" })).runs)
    .toMatchObject([{ intent: "Fix it", labels: { session: "s1", project: "/srv/shop" } }])
})

test.each(["", "not JSON", "[]", "null", "{}", '{"session_id":7}', event("../../x")])(
  "an invalid event gets the same response: %s",
  async (body) => {
    expect(await post(body)).toEqual({ status: 200, text: "{}" })
  },
)

test("a wrong token is refused", async () => {
  expect(await post(event("s2"), "tl_wrong")).toMatchObject({ status: 401 })
})

test("a token that may not write is refused", async () => {
  expect(await post(event("s2"), turnline.viewerToken)).toMatchObject({ status: 403 })
})
