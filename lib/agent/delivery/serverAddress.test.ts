import { describe, expect, test } from "vitest"
import { serverAddress } from "./serverAddress"

describe("serverAddress", () => {
  test.each([
    ["http://localhost:3000", "http://localhost:3000", ""],
    ["http://localhost:3000/", "http://localhost:3000", ""],
    ["localhost:3000", "http://localhost:3000", ""],
    ["127.0.0.1:3000", "http://127.0.0.1:3000", ""],
    ["[::1]:3000", "http://[::1]:3000", ""],
    ["turnline:3000", "http://turnline:3000", ""],
    ["192.168.1.5:3000", "http://192.168.1.5:3000", ""],
    ["turnline.example.com", "https://turnline.example.com", ""],
    ["turnline.example.com/team", "https://turnline.example.com", "/team"],
    ["ws://localhost:3000", "http://localhost:3000", ""],
    ["wss://turnline.example.com/socket.io/", "https://turnline.example.com", ""],
    ["https://host.example/turnline/", "https://host.example", "/turnline"],
    ["http://localhost:3000/?token=tl_x", "http://localhost:3000", ""],
    ["http://localhost:3000/runs/abc?turn=3", "http://localhost:3000", ""],
    ["https://host.example/turnline/runs/abc", "https://host.example", "/turnline"],
    ["https://host.example/turnline/packages/turnline-agent.tgz", "https://host.example", "/turnline"],
    ["https://host.example/turnline/v1/traces", "https://host.example", "/turnline"],
    ["https://host.example/turnline/v1/traces/ingest", "https://host.example", "/turnline"],
    ["https://host.example/otel/v1/traces", "https://host.example", ""],
    ["https://host.example/api/public/otel/v1/traces", "https://host.example", ""],
    ["https://host.example/t/ingest/claude-code/hooks", "https://host.example", "/t"],
    ["https://host.example/v1/turnline", "https://host.example", "/v1/turnline"],
    ["https://host.example/socketXio", "https://host.example", "/socketXio"],
    ["  http://localhost:3000\n", "http://localhost:3000", ""],
    ['"http://localhost:3000"', "http://localhost:3000", ""],
    ["<https://host.example/t>", "https://host.example", "/t"],
    ["http:/localhost:3000", "http://localhost:3000", ""],
    ["https:host.example", "https://host.example", ""],
    ["3000", "http://localhost:3000", ""],
    [":3000/turnline", "http://localhost:3000", "/turnline"],
    ["HTTP://LOCALHOST:3000", "http://localhost:3000", ""],
  ])("%j is read as %s with base path %j", (typed, origin, basePath) => {
    expect(serverAddress(typed)).toEqual({ origin, basePath })
  })

  test.each([
    "",
    "http://",
    "ftp://host",
    "unix:/run/turnline.sock",
    "file:/tmp/x",
    "not an address",
    "http://host:99999",
  ])("%j is rejected with a message that quotes it", (typed) => {
    expect(() => serverAddress(typed)).toThrow(`"${typed}" is not a server address`)
  })
})
