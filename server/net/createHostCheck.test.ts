import { describe, expect, test } from "vitest"
import { createHostCheck } from "./createHostCheck"

const local = { host: "127.0.0.1", allowedHosts: [], allowedOrigins: [] }
const open = { ...local, host: "0.0.0.0" }

describe("which hosts and origins are accepted", () => {
  test.each([
    ["127.0.0.1:3000", undefined, "ok"],
    ["localhost:3000", "http://localhost:3000", "ok"],
    ["[::1]:3000", "http://[::1]:3000", "ok"],
    ["LOCALHOST:3000", undefined, "ok"],
    ["rebind.evil:3000", undefined, "host"],
    ["localhost.evil.com:3000", undefined, "host"],
    ["127.0.0.1.evil.com", undefined, "host"],
    ["localhost:3000@evil.com", undefined, "host"],
    ["", undefined, "host"],
    [undefined, undefined, "host"],
    ["localhost:3000", "https://evil.example", "origin"],
    ["localhost:3000", "null", "origin"],
    ["localhost:3000", "", "origin"],
    ["localhost:3000", "http://localhost.evil.com", "origin"],
    ["localhost:3000", "http://localhost:3001", "origin"],
    ["localhost:3000", "https://localhost:3000", "origin"],
    ["localhost:3000", "http://127.0.0.1:3000", "origin"],
  ])("S2: on loopback, Host %s with Origin %s: %s", (host, origin, expected) => {
    const headers = { ...(host !== undefined && { host }), ...(origin !== undefined && { origin }) }
    expect(createHostCheck(local)(headers)).toBe(expected)
  })

  test("listening on every address includes localhost, also through a mapped port", () => {
    const check = createHostCheck({ ...open, allowedHosts: ["box.lan"] })
    expect(check({ host: "localhost:8080", origin: "http://localhost:8080" })).toBe("ok")
    expect(check({ host: "rebind.evil:8080" })).toBe("host")
  })

  test("with a public URL, only its origin and host are accepted", () => {
    const check = createHostCheck({ ...open, publicUrl: "https://t.example/turnline" })
    expect(check({ host: "t.example", origin: "https://t.example" })).toBe("ok")
    expect(check({ host: "t.example", origin: "http://t.example" })).toBe("origin")
    expect(check({ host: "t.example:8443" })).toBe("host")
    expect(check({ host: "localhost:3000" })).toBe("host")
    expect(check({ host: "0.0.0.0:3000" })).toBe("host")
  })

  test("allowed hosts without a port accept any port", () => {
    const check = createHostCheck({ ...open, allowedHosts: ["box.lan", "other.lan:81"] })
    expect(check({ host: "box.lan:3000", origin: "http://box.lan:3000" })).toBe("ok")
    expect(check({ host: "other.lan:81" })).toBe("ok")
    expect(check({ host: "other.lan:82" })).toBe("host")
  })

  test("allowed origins may differ from the host", () => {
    const check = createHostCheck({ ...local, allowedOrigins: ["https://tool.example"] })
    expect(check({ host: "localhost:3000", origin: "https://tool.example" })).toBe("ok")
    expect(check({ host: "localhost:3000", origin: "https://tool.example.evil" })).toBe("origin")
  })
})
