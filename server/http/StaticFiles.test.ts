import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer, request, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { brotliDecompressSync, gunzipSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { readStaticFiles } from "./StaticFiles"

const SCRIPT = `${"const turn = { kind: 'tool' }\n".repeat(200)}// ü`
let folder = ""
let server: Server

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "turnline-static-"))
  const chunks = join(folder, "static", "chunks")
  mkdirSync(chunks, { recursive: true })
  writeFileSync(join(chunks, "a[run].js"), SCRIPT)
  writeFileSync(join(chunks, "small.js"), "1")
  writeFileSync(join(chunks, "font.woff2"), Buffer.alloc(4_000, 7))
  writeFileSync(join(folder, "secret.js"), SCRIPT)
  const files = await readStaticFiles(join(folder, "static"), "/_next/static/")
  server = createServer(async (request, response) => {
    if (!(await files.serve(request, response))) response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

type Got = { status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }

function get(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Got> {
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      )
    })
    asked.on("error", reject).end()
  })
}

const PATH = "/_next/static/chunks/a%5Brun%5D.js"

describe("static files", () => {
  test.each([
    ["gzip, deflate, br", "br", brotliDecompressSync],
    ["gzip", "gzip", gunzipSync],
    ["GZIP;q=0.5, br;q=0", "gzip", gunzipSync],
  ])("accepting %s returns the file encoded as %s", async (accepts, encoding, decode) => {
    const got = await get(PATH, { "accept-encoding": accepts })
    expect(got.headers).toMatchObject({
      "content-encoding": encoding,
      "content-length": String(got.body.length),
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=31536000, immutable",
      vary: "accept-encoding",
    })
    expect(got.body.length).toBeLessThan(SCRIPT.length / 10)
    expect(decode(got.body).toString()).toBe(SCRIPT)
  })

  test.each([[{}], [{ "accept-encoding": "identity" }], [{ "accept-encoding": "gzip;q=0, brr" }]])(
    "accepting no known encoding (%o) returns the file unencoded",
    async (headers: Record<string, string>) => {
      const got = await get(PATH, headers)
      expect(got.headers["content-encoding"]).toBeUndefined()
      expect(got.body.toString()).toBe(SCRIPT)
    },
  )

  test.each([["small.js"], ["font.woff2"]])(
    "%s isn't worth compressing and is sent unencoded",
    async (name) => {
      const got = await get(`/_next/static/chunks/${name}`, { "accept-encoding": "br, gzip" })
      expect(got.status).toBe(200)
      expect(got.headers["content-encoding"]).toBeUndefined()
    },
  )

  test("unchanged files aren't sent again, and each encoding has its own ETag", async () => {
    const encoded = await get(PATH, { "accept-encoding": "br" })
    const plain = await get(PATH)
    expect(encoded.headers.etag).not.toBe(plain.headers.etag)
    const again = await get(PATH, { "accept-encoding": "br", "if-none-match": String(encoded.headers.etag) })
    expect([again.status, again.body.length]).toEqual([304, 0])
    expect((await get(PATH, { "if-none-match": String(encoded.headers.etag) })).status).toBe(200)
  })

  test("HEAD returns the headers without a body", async () => {
    const got = await get(PATH, { "accept-encoding": "br" }, "HEAD")
    expect(got.body.length).toBe(0)
    expect(Number(got.headers["content-length"])).toBeGreaterThan(0)
  })

  test.each([
    "/_next/static/../secret.js",
    "/_next/static/%2e%2e/secret.js",
    "/_next/static/..%2fsecret.js",
    "/_next/static/chunks/a%5Brun%5D.js.br",
    "/_next/static/chunks",
    "/_next/static/%",
    "/_next/static/toString",
    "/chunks/small.js",
  ])("%s isn't a file", async (path) => {
    expect((await get(path, { "accept-encoding": "br" })).status).toBe(404)
  })

  test("a missing folder has no files", async () => {
    const none = await readStaticFiles(join(folder, "gone"), "/")
    expect(await none.serve({ url: "/secret.js", method: "GET" } as never, {} as never)).toBe(false)
  })
})
