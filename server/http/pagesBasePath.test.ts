import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, expect, test } from "vitest"
import { addBasePathToResponse, addBasePathToScript } from "./pagesBasePath"

let server: Server
afterEach(() => server?.close())

/** Requests a page that `render` renders, as Next does. */
async function get(
  path: string,
  render: (request: IncomingMessage, response: ServerResponse) => void,
  init: RequestInit = {},
): Promise<Response> {
  server = createServer((request, response) => {
    addBasePathToResponse(request, response, "/turnline")
    render(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return fetch(`http://127.0.0.1:${port}${path}`, { redirect: "manual", ...init })
}

test("URLs in a page, in its data and in its headers get the base path, even if a URL is split between two writes", async () => {
  const page = String.raw`<script src="/_next/static/a.js"></script><link href="/icon.svg?1"><script>f("\"/_next/b\"")</script>ü`
  const response = await get("/", (_, answer) => {
    answer.setHeader("content-type", "text/html; charset=utf-8")
    answer.setHeader("link", "</_next/static/a.woff2>; rel=preload, </_next/static/b.woff2>; rel=preload")
    answer.flushHeaders()
    for (const byte of Buffer.from(page)) answer.write(Buffer.from([byte]))
    answer.end()
  })
  expect(response.headers.get("link")).toBe(
    "</turnline/_next/static/a.woff2>; rel=preload, </turnline/_next/static/b.woff2>; rel=preload",
  )
  expect(await response.text()).toBe(
    page.replaceAll('"/_next', '"/turnline/_next').replace("/icon.svg", "/turnline/icon.svg"),
  )
})

test("redirects get the base path, but not those to other hosts", async () => {
  const redirect = (location: string) =>
    get("/runs/", (_, answer) =>
      answer.writeHead(308, { location, refresh: `0;url=${location}` }).end("moved"),
    )
  const { status, headers } = await redirect("/runs")
  expect(status).toBe(308)
  expect(headers.get("location")).toBe("/turnline/runs")
  expect(headers.get("refresh")).toBe("0;url=/turnline/runs")
  server.close()
  expect((await redirect("https://other.example/")).headers.get("location")).toBe("https://other.example/")
})

test("the response to a request for a page's data contains the path that was rendered", async () => {
  const echo = (_: unknown, answer: ServerResponse) => void answer.end()
  const data = await get("/runs/a%2Fb?turn=1", echo, { headers: { rsc: "1" } })
  expect(data.headers.get("x-nextjs-rewritten-path")).toBe("/runs/a%2Fb")
  server.close()
  expect((await get("/runs/a", echo)).headers.has("x-nextjs-rewritten-path")).toBe(false)
})

test("other files are unchanged, and a HEAD request has no body", async () => {
  const icon = '<svg xmlns:x="/_next/"/>'
  const response = await get("/icon.svg", (_, answer) => {
    answer.setHeader("content-type", "image/svg+xml")
    answer.end(icon)
  })
  expect(await response.text()).toBe(icon)
  server.close()
  const head = await get("/", (_, answer) => void answer.end(), { method: "HEAD" })
  expect(head.status).toBe(200)
})

test("only scripts that load further scripts are changed", () => {
  const edit = (name: string, text: string) => addBasePathToScript(name, Buffer.from(text), "/t").toString()
  expect(edit("turbopack.js", 'k="/_next/",m="/_next/"')).toBe('k="/t/_next/",m="/t/_next/"')
  expect(edit("a.js", '"/_next/image"')).toBe('"/_next/image"')
  expect(edit("a.css", '"/_next/"')).toBe('"/_next/"')
})
