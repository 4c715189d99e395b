import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, beforeEach, expect, test } from "vitest"
import { ANONYMOUS } from "@/server/auth/token"
import { PageRoutes } from "./PageRoutes"
import type { SignIn } from "./routes/SignIn"

let server: Server
let routes: PageRoutes

beforeEach(async () => {
  const signIn = { withLink: async () => false } as unknown as SignIn
  routes = new PageRoutes({ signIn, dev: false, frameAncestors: [], basePath: "" })
  server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://t")
    void routes.handle({ identity: { principal: ANONYMOUS } }, url, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
})
afterEach(() => server.close())

test("while pages are loading, browsers get a page that reloads itself", async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const early = await fetch(url)
  expect(early.status).toBe(503)
  expect(early.headers.get("retry-after")).toBe("1")
  expect(await early.text()).toContain('http-equiv="refresh"')
  routes.open({ handle: async (_, response) => void response.end("page"), close: async () => undefined })
  expect(await (await fetch(url)).text()).toBe("page")
})

test("a request for a script waits until the pages are loaded", async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/_next/static/chunks/a.js`
  const wanted = fetch(url)
  // Once a later request has its response, the first one has arrived, too.
  await fetch(url.replace(/_next.*/, ""))
  routes.open({ handle: async (_, response) => void response.end("script"), close: async () => undefined })
  expect(await (await wanted).text()).toBe("script")
})

test.each([
  ["/runs/%?turn=1%", "/runs/%25?turn=1%"],
  ["/runs/%E0%A4", "/runs/%25E0%25A4"],
  ["/runs/a%2Fb", "/runs/a%2Fb"],
])("the pages get a decodable path for %s", async (asked, rendered) => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${asked}`
  routes.open({
    handle: async (request, response) => void response.end(request.url),
    close: async () => undefined,
  })
  expect(await (await fetch(url)).text()).toBe(rendered)
})
