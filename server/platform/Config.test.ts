import { describe, expect, test } from "vitest"
import { isLoopback, readConfig } from "./Config"

const read = (env: Record<string, string>) => readConfig(env)

function config(env: Record<string, string> = {}) {
  const found = read(env)
  if ("problem" in found) throw new Error(found.problem)
  return found.config
}

function problem(env: Record<string, string>): string {
  const found = read(env)
  return "problem" in found ? found.problem : "none"
}

describe("settings", () => {
  test("S1: by default, a server listens on loopback with tokens and the protocol's limits", () => {
    expect(config()).toMatchObject({ host: "127.0.0.1", port: 3000, auth: "token", dev: false })
    expect(config().limits).toMatchObject({ graceMs: 30_000, maxTurnsPerRun: 10_000, ratePerSocket: 500 })
    expect(config().dataDir).toMatch(/^\/.*\/\.turnline$/)
  })

  test("can't be changed after they have been read", () => {
    expect(Object.isFrozen(config())).toBe(true)
    expect(Object.isFrozen(config().limits)).toBe(true)
  })

  test("an empty variable is the same as an unset one", () => {
    expect(config({ PORT: "", TURNLINE_PUBLIC_URL: "" }).port).toBe(3000)
  })

  test("lists are split at commas, and a public URL loses its trailing slash", () => {
    const found = config({
      TURNLINE_ALLOWED_HOSTS: "A.example, b.example:8080",
      TURNLINE_ALLOWED_ORIGINS: "https://x.example/,http://y.example:81",
      TURNLINE_PUBLIC_URL: "https://turnline.example/",
    })
    expect(found.allowedHosts).toEqual(["a.example", "b.example:8080"])
    expect(found.allowedOrigins).toEqual(["https://x.example", "http://y.example:81"])
    expect(found.publicUrl).toBe("https://turnline.example")
    expect(found.basePath).toBe("")
  })

  test.each([
    ["PORT", "http"],
    ["PORT", "70000"],
    ["TURNLINE_GRACE_MS", "-1"],
    ["TURNLINE_GRACE_MS", "1e3"],
    ["TURNLINE_RATE_PER_SOCKET", "0"],
    ["TURNLINE_READS_PER_TOKEN", "fast"],
    ["TURNLINE_AUTH", "off"],
    ["TURNLINE_PUBLIC_URL", "turnline.example"],
    ["TURNLINE_PUBLIC_URL", "https://turnline.example/?a=b"],
    ["TURNLINE_PUBLIC_URL", "https://turnline.example/a b"],
    ["TURNLINE_PUBLIC_URL", "https://turnline.example/tools/api"],
    ["TURNLINE_PUBLIC_URL", "https://turnline.example//evil"],
    ["TURNLINE_ALLOWED_ORIGINS", "https://turnline.example/path"],
    ["TURNLINE_ALLOWED_ORIGINS", "*"],
    ["TURNLINE_FRAME_ANCESTORS", "portal.example/path"],
    ["TURNLINE_LOG_LEVEL", "loud"],
    ["TURNLINE_REDACT", "no"],
    ["TURNLINE_AUDIT_MIB", "19"],
    ["TURNLINE_FAILED_AUTH_PER_MINUTE", "many"],
    ["TURNLINE_MAX_CONNECTIONS_PER_TOKEN", "-1"],
    ["TURNLINE_MAX_CONNECTIONS_PER_ADDRESS", "1e3"],
    ["TURNLINE_DEMO", "yes"],
    ["TURNLINE_DEMO_RETENTION_HOURS", "0"],
    ["TURNLINE_DEMO_FLEET", "huge"],
    ["TURNLINE_PROXY_HOPS", "-1"],
    ["DATABASE_URL", "mysql://db"],
    ["TURNLINE_TRANSPORTS", "carrier pigeon"],
    ["TURNLINE_LEASE_MS", "1"],
  ])("an invalid %s is refused with one sentence that names it", (name, value) => {
    const sentence = problem({ [name]: value })
    expect(sentence).toContain(name)
    expect(sentence).toMatch(/^[^\n]+\.$/)
  })

  test("S1: TURNLINE_AUTH=none is refused on an address that others can reach", () => {
    expect(problem({ TURNLINE_AUTH: "none", HOST: "0.0.0.0", TURNLINE_ALLOWED_HOSTS: "a" })).toContain(
      "TURNLINE_AUTH",
    )
    expect(config({ TURNLINE_AUTH: "none", HOST: "::1" }).auth).toBe("none")
  })

  test("the demo is off by default, keeps runs for six hours, and can't be combined with TURNLINE_AUTH=none", () => {
    expect(config().demo).toBeUndefined()
    expect(config({ TURNLINE_DEMO: "1" }).demo).toEqual({ retentionHours: 6, fleet: "large" })
    expect(config({ TURNLINE_DEMO: "1", TURNLINE_DEMO_FLEET: "none" }).demo?.fleet).toBe("none")
    expect(problem({ TURNLINE_DEMO: "1", TURNLINE_AUTH: "none" })).toContain("TURNLINE_AUTH")
  })

  test("with an https public URL, one proxy is assumed, otherwise none", () => {
    expect(config().proxyHops).toBe(0)
    expect(config({ TURNLINE_PUBLIC_URL: "http://t.example" }).proxyHops).toBe(0)
    expect(config({ TURNLINE_PUBLIC_URL: "https://t.example" }).proxyHops).toBe(1)
    expect(config({ TURNLINE_PUBLIC_URL: "https://t.example", TURNLINE_PROXY_HOPS: "2" }).proxyHops).toBe(2)
    expect(config({ TURNLINE_PUBLIC_URL: "https://t.example", TURNLINE_PROXY_HOPS: "0" }).proxyHops).toBe(0)
  })

  test.each(["https://example.com/tools/turnline", "https://example.com/tools/turnline/"])(
    "%s has a base path",
    (url) => {
      const { publicUrl, basePath } = config({ TURNLINE_PUBLIC_URL: url })
      expect(publicUrl).toBe("https://example.com/tools/turnline")
      expect(basePath).toBe("/tools/turnline")
    },
  )

  test("a base path is refused if the server's own paths start with one of its segments, and in development", () => {
    expect(problem({ TURNLINE_PUBLIC_URL: "https://example.com/runs" })).toContain("must not have runs")
    expect(problem({ TURNLINE_PUBLIC_URL: "https://example.com/t", TURNLINE_DEV: "1" })).toContain(
      "Leave out /t",
    )
  })

  test("S1: an address that others can reach requires the host name that they use", () => {
    expect(problem({ HOST: "0.0.0.0" })).toContain("TURNLINE_PUBLIC_URL")
    expect(config({ HOST: "0.0.0.0", TURNLINE_ALLOWED_HOSTS: "box.lan" }).host).toBe("0.0.0.0")
    expect(config({ HOST: "10.0.0.5", TURNLINE_PUBLIC_URL: "https://t.example" }).host).toBe("10.0.0.5")
  })

  test.each([
    ["127.0.0.1", true],
    ["127.9.9.9", true],
    ["localhost", true],
    ["::1", true],
    ["127.0.0.1.evil.com", false],
    ["0.0.0.0", false],
    ["::", false],
    ["192.168.1.2", false],
  ])("%s is loopback: %s", (host, expected) => {
    expect(isLoopback(host)).toBe(expected)
  })
})
