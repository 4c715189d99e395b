import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, beforeEach, expect, test } from "vitest"
import { EVERYBODY } from "@/server/auth/token"
import { PageRoutes } from "./PageRoutes"
import type { SignIn } from "./SignIn"

let server: Server
let door: PageRoutes

beforeEach(async () => {
  const signIn = { byLink: async () => false } as unknown as SignIn
  door = new PageRoutes({ signIn, dev: false })
  server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://t")
    void door.page({ visitor: { principal: EVERYBODY } }, url, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
})
afterEach(() => server.close())

test("while pages are prepared, browsers are asked to try again by themselves", async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const early = await fetch(url)
  expect(early.status).toBe(503)
  expect(early.headers.get("retry-after")).toBe("1")
  expect(await early.text()).toContain('http-equiv="refresh"')
  door.open({ handle: async (_, response) => void response.end("page"), close: async () => undefined })
  expect(await (await fetch(url)).text()).toBe("page")
})

test("a script that is wanted meanwhile waits for the pages", async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/_next/static/chunks/a.js`
  const wanted = fetch(url)
  // Its request has come in once another one, made after it, was answered.
  await fetch(url.replace(/_next.*/, ""))
  door.open({ handle: async (_, response) => void response.end("script"), close: async () => undefined })
  expect(await (await wanted).text()).toBe("script")
})
