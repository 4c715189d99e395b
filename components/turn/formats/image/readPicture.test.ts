import { describe, expect, test } from "vitest"
import { hasPictureEnd, pictureUri, readPicture } from "./readPicture"

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
const LONG_PNG = `${PNG}+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==`
const JPEG = "/9j/4AAQSkZJRgABAQAAAQABAAD"
const GIF = "R0lGODlhAQABAIAAAAUEBAAAACwAAAAA"
const WEBP = "UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAgA0JaQA"

describe("readPicture", () => {
  test.each([
    ["a data URI", `data:image/png;base64,${PNG}`, "png", []],
    ["a data URI with parameters", `data:image/jpeg;charset=utf-8;base64,${JPEG}`, "jpeg", []],
    ["MCP", { type: "image", mimeType: "image/png", data: PNG }, "png", ["data"]],
    [
      "Anthropic",
      { type: "image", source: { type: "base64", media_type: "image/gif", data: GIF } },
      "gif",
      ["source", "data"],
    ],
    [
      "OpenAI Chat",
      { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } },
      "png",
      ["image_url", "url"],
    ],
    [
      "OpenAI Chat, short form",
      { type: "image_url", image_url: `data:image/png;base64,${PNG}` },
      "png",
      ["image_url"],
    ],
    [
      "OpenAI Responses",
      { type: "input_image", image_url: `data:image/webp;base64,${WEBP}` },
      "webp",
      ["image_url"],
    ],
    [
      "OpenAI image generation",
      { type: "image_generation_call", result: PNG, status: "completed" },
      "png",
      ["result"],
    ],
    ["AI SDK 4", { type: "image", image: PNG, mimeType: "image/png" }, "png", ["image"]],
    ["AI SDK 5 media", { type: "media", data: JPEG, mediaType: "image/jpeg" }, "jpeg", ["data"]],
    ["AI SDK file", { type: "file", mediaType: "image/png", data: PNG }, "png", ["data"]],
    ["Gemini", { inlineData: { mimeType: "image/png", data: PNG } }, "png", ["inlineData", "data"]],
    [
      "Gemini, snake case",
      { inline_data: { mime_type: "image/png", data: PNG } },
      "png",
      ["inline_data", "data"],
    ],
    [
      "Claude Code",
      { type: "image", file: { base64: JPEG, type: "image/jpeg", originalSize: 12 } },
      "jpeg",
      ["file", "base64"],
    ],
    ["Bedrock", { image: { format: "png", source: { bytes: PNG } } }, "png", ["image", "source", "bytes"]],
    [
      "an MCP resource",
      { type: "resource", resource: { uri: "file:///a.gif", mimeType: "image/gif", blob: GIF } },
      "gif",
      ["resource", "blob"],
    ],
    ["base64 alone", LONG_PNG, "png", []],
    ["base64 in lines", `${LONG_PNG.slice(0, 76)}\n${LONG_PNG.slice(76)}\n`, "png", []],
    ["a wrong declared type", { type: "image", mimeType: "image/png", data: JPEG }, "jpeg", ["data"]],
    [
      "unknown data of a declared type",
      { type: "image", mimeType: "image/png", data: "AAAABBBBCCCCDDDDEEEE" },
      "png",
      ["data"],
    ],
  ])("reads %s", (_name, value, type, path) => {
    expect(readPicture(value)).toMatchObject({ type, path })
  })

  test.each([
    ["SVG as a data URI", "data:image/svg+xml;base64,PHN2ZyB4bWxucz0i"],
    ["SVG in a block", { type: "image", mimeType: "image/svg+xml", data: "PHN2ZyB4bWxucz0i" }],
    ["a URL", "https://example.com/x.png"],
    ["a block with a URL", { type: "image", source: { type: "url", url: "https://example.com/x.png" } }],
    ["a data URI of HTML", "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKQ=="],
    ["base64 of unknown meaning", { data: "AAAABBBBCCCCDDDDEEEE" }],
    [
      "a document",
      { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0xLjQK" } },
    ],
    ["text", { type: "text", text: `data:image/png;base64,${PNG}` }],
    ["a list", [PNG]],
    ["null", null],
  ])("doesn't mistake %s for a picture", (_name, value) => {
    expect(readPicture(value)).toBeUndefined()
  })
})

test("pictureUri can't contain anything but base64", () => {
  const base64 = `${PNG}"onerror=alert(1)//<svg>`
  expect(pictureUri({ type: "png", base64, path: [] })).toMatch(/^data:image\/png;base64,[A-Za-z0-9+/=]+$/)
  expect(pictureUri({ type: "png", base64: "a-b_\nc", path: [] })).toBe("data:image/png;base64,a+b/c")
})

test.each([
  ["a whole PNG", LONG_PNG, true],
  ["a PNG in lines", `${LONG_PNG.slice(0, 76)}\n${LONG_PNG.slice(76)}\n`, true],
  ["a PNG that was cut", LONG_PNG.slice(0, 70), false],
  ["a whole GIF", "R0lGODlhAQABAIAAAAUEBAAAACwAAAAAAQABAAACAkQBADs=", true],
  ["a JPEG that was cut", `${JPEG}${"A".repeat(500)}`, false],
])("hasPictureEnd of %s", (_name, base64, expected) => {
  const picture = readPicture({ type: "image", mimeType: "image/png", data: base64 })
  expect(picture !== undefined && hasPictureEnd(picture)).toBe(expected)
})
