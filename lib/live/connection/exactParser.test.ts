import { expect, test } from "vitest"
import { exactNumber } from "@/lib/protocol/exactNumbers"
import { exactParser } from "./exactParser"

function decode(text: string): unknown {
  const decoder = new exactParser.Decoder()
  let data: unknown
  decoder.on("decoded", (packet) => {
    data = packet.data
  })
  decoder.add(text)
  return data
}

test("a number beyond 2^53 arrives with all its digits", () => {
  const [, event] = decode('2["e",{"n":1610521604143693812,"small":5}]') as [
    string,
    { n: unknown; small: unknown },
  ]
  expect(exactNumber(event.n)).toBe("1610521604143693812")
  expect(event.small).toBe(5)
})

test("a packet that isn't JSON is refused, as with the standard parser", () => {
  expect(() => decode("2[")).toThrow()
})
