import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { aServer, type TestServer } from "@/lib/testing/aServer"

const WHEEL = "turnline-1.2.3-py3-none-any.whl"

let folder = ""
let server: TestServer

beforeAll(() => {
  const parent = mkdtempSync(join(tmpdir(), "turnline-packages-"))
  folder = join(parent, "packages")
  mkdirSync(folder)
  for (const name of ["turnline-agent.tgz", WHEEL, "stamp"]) writeFileSync(join(folder, name), name)
  writeFileSync(join(parent, "secret.tgz"), "secret")
})
afterAll(() => rmSync(join(folder, ".."), { recursive: true }))
beforeEach(async () => {
  server = await aServer({ packagesFolder: folder })
})
afterEach(() => server.close())

describe("client packages", () => {
  test.each([
    ["turnline-agent.tgz", "application/gzip"],
    [WHEEL, "application/zip"],
  ])("%s is served to anyone, as %s", async (name, type) => {
    const { status, headers, body } = await server.fetch(`/packages/${name}`)
    expect([status, body]).toEqual([200, name])
    expect(headers["content-type"]).toBe(type)
    expect(headers["content-length"]).toBe(String(name.length))
    // npm and pip would decompress an encoded body and then fail to verify the file.
    expect(headers["content-encoding"]).toBeUndefined()
    expect(headers["content-security-policy"]).toContain("default-src 'none'")
  })

  test("HEAD sends the headers only", async () => {
    const { status, headers, body } = await server.fetch("/packages/turnline-agent.tgz", { method: "HEAD" })
    expect([status, headers["content-length"], body]).toEqual([200, "18", ""])
  })

  test("caches ask each time whether a package has changed, because an upgrade changes it under the same name", async () => {
    const { headers } = await server.fetch("/packages/turnline-agent.tgz")
    expect(headers["cache-control"]).toBe("public, no-cache")
    const again = await server.fetch("/packages/turnline-agent.tgz", {
      headers: { "if-none-match": String(headers.etag) },
    })
    expect([again.status, again.body]).toEqual([304, ""])
  })

  test.each([
    "/packages/",
    "/packages/turnline-9.9.9-py3-none-any.whl",
    "/packages/stamp",
    "/packages/..%2fsecret.tgz",
    "/packages/%2e%2e%2fsecret.tgz",
    "/packages/turnline-agent.tgz/",
  ])("%s is not found", async (path) => {
    const { status, body } = await server.fetch(path)
    expect(status).toBe(404)
    expect(body).not.toContain("secret")
  })

  test.each(["/packages/../secret.tgz", "/packages/%2e%2e/secret.tgz", "/packages/%"])(
    "%s isn't a path of a package, so it is handled like a page",
    async (path) => {
      // This server has no pages.
      const { status, body } = await server.fetch(path)
      expect(status).toBe(503)
      expect(body).toContain("Turnline is starting")
    },
  )

  test("the response for an unknown name lists the packages", async () => {
    const { body } = await server.fetch("/packages/turnline.whl")
    expect(body).toBe(
      `This package doesn't exist. This server has /packages/${WHEEL} and /packages/turnline-agent.tgz.`,
    )
  })

  test("under a path, the list has complete paths", async () => {
    await server.close()
    server = await aServer({
      packagesFolder: folder,
      env: { TURNLINE_PUBLIC_URL: "http://turnline.test/turnline" },
    })
    const { body } = await server.fetch("/turnline/packages/")
    expect(body).toContain("/turnline/packages/turnline-agent.tgz")
    expect((await server.fetch("/turnline/packages/turnline-agent.tgz")).status).toBe(200)
  })

  test("other methods are refused", async () => {
    const { status, headers } = await server.fetch("/packages/turnline-agent.tgz", { method: "POST" })
    expect([status, headers.allow]).toEqual([405, "GET, HEAD"])
  })

  test("the session names them for the Connect page", async () => {
    const headers = { authorization: `Bearer ${server.viewer}` }
    const { body } = await server.fetch("/api/session", { headers })
    expect(JSON.parse(body).packages).toEqual([`/packages/${WHEEL}`, "/packages/turnline-agent.tgz"])
  })

  test("host names that aren't allowed are refused", async () => {
    const { status } = await server.fetch("/packages/turnline-agent.tgz", { headers: { host: "evil" } })
    expect(status).toBe(403)
  })
})

test("a server without packages says so", async () => {
  const without = await aServer({ packagesFolder: join(folder, "missing") })
  const { status, body } = await without.fetch("/packages/turnline-agent.tgz")
  expect([status, body]).toEqual([404, "This server was built without client packages."])
  const session = await without.fetch("/api/session", {
    headers: { authorization: `Bearer ${without.viewer}` },
  })
  expect(JSON.parse(session.body).packages).toEqual([])
  await without.close()
})
