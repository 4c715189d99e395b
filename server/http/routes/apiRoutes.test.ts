import { afterEach, expect, test } from "vitest"
import { aServer, aToken, type TestServer } from "@/lib/testing/aServer"

let server: TestServer
afterEach(() => server.close())

async function session(token: string) {
  const { body } = await server.fetch("/api/session", { headers: { authorization: `Bearer ${token}` } })
  return JSON.parse(body)
}

test("only viewers who may control all runs or create tokens learn the path of the data directory", async () => {
  server = await aServer({ env: { TURNLINE_DATA_DIR: "/srv/turnline" } })
  const { viewer, agent, accessStore } = server
  expect(await session(viewer)).toMatchObject({ data_dir: "/srv/turnline" })
  const minting = await aToken(accessStore, { read: "all", mint: true })
  expect(await session(minting)).toMatchObject({ data_dir: "/srv/turnline" })
  const reading = await aToken(accessStore, { read: "all" })
  const controlling = await aToken(accessStore, { read: ["a/*"], control: true, mint: true })
  for (const token of [agent, reading, controlling])
    expect(await session(token)).toMatchObject({ data_dir: null })
})

test("the default data directory isn't mentioned", async () => {
  server = await aServer()
  expect(await session(server.viewer)).not.toHaveProperty("data_dir")
})
