import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"

beforeEach(() => vi.resetModules())
afterEach(() => {
  vi.unstubAllGlobals()
  globalThis.turnlineDeployment = undefined
})

const inBrowser = (dataset: Record<string, string>) => {
  vi.stubGlobal("window", {})
  vi.stubGlobal("document", { documentElement: { dataset } })
  return import("./pagePath")
}
const onServer = (base: string | undefined) => {
  if (base !== undefined) globalThis.turnlineDeployment = { basePath: base, isDefaultDataDir: true }
  return import("./pagePath")
}

describe("pagePath", () => {
  test("without a base path, a path stays as it is", async () => {
    for (const { pagePath, withoutBasePath } of [await onServer(undefined), await inBrowser({})]) {
      expect(pagePath("/")).toBe("/")
      expect(pagePath("/?agent=a")).toBe("/?agent=a")
      expect(pagePath("/connect")).toBe("/connect")
      expect(withoutBasePath("/connect")).toBe("/connect")
    }
  })

  test("the server and the browser add the same base path", async () => {
    const server = await onServer("/tools/turnline")
    vi.resetModules()
    const browser = await inBrowser({ basePath: "/tools/turnline" })
    for (const path of ["/", "/?agent=a", "/connect", "/runs/a?turn=3"] as const)
      expect(browser.pagePath(path)).toBe(server.pagePath(path))
    expect(browser.pagePath("/runs/a?turn=3")).toBe("/tools/turnline/runs/a?turn=3")
  })

  test("the page of all runs keeps the slash after the base path, which Next's router would remove", async () => {
    const { pagePath } = await onServer("/turnline")
    const resolved = (path: `/${string}`) => new URL(pagePath(path), "http://host/turnline/connect").href
    expect(pagePath("/")).not.toMatch(/\/$/)
    expect(resolved("/")).toBe("http://host/turnline/")
    expect(resolved("/?agent=a")).toBe("http://host/turnline/?agent=a")
  })

  test.each([
    ["/turnline", "/"],
    ["/turnline/", "/"],
    ["/turnline/connect", "/connect"],
    ["/turnlines", "/turnlines"],
    ["/connect", "/connect"],
  ])("%s without the base path is %s", async (path, expected) => {
    const { withoutBasePath } = await onServer("/turnline")
    expect(withoutBasePath(path)).toBe(expected)
  })
})
