import { expect, test } from "vitest"
import { localPath } from "./respond"

test.each([
  ["/", "/"],
  ["/runs/1?at=2", "/runs/1?at=2"],
  ["//evil.example", undefined],
  ["/\\evil.example", undefined],
  ["https://evil.example", undefined],
  ["/a\r\nset-cookie: x", undefined],
  ["", undefined],
  [null, undefined],
])("a redirect to %s stays on this server", (text, expected) => {
  expect(localPath(text)).toBe(expected)
})
