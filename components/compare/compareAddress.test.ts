import { describe, expect, it } from "vitest"
import { compareHref, readCompareAddress, swapSides } from "./compareAddress"

describe("compareAddress", () => {
  it("round-trips runs and line, with any characters in ids", () => {
    for (const address of [
      {},
      { a: "a b&=?#é" },
      { a: "1", b: "2", pair: { a: 3 } },
      { b: "2", pair: { b: 0 } },
    ]) {
      const { searchParams } = new URL(compareHref(address), "http://t")
      expect(readCompareAddress(searchParams)).toEqual(address)
    }
  })

  it("ignores invalid runs and lines", () => {
    const read = (query: string) => readCompareAddress(new URLSearchParams(query))
    expect(read(`a=&b=${"x".repeat(129)}&pair=1e3.2`)).toEqual({})
    expect(read("pair=.")).toEqual({})
    expect(read("pair=-1.2")).toEqual({})
  })

  it("swaps both runs and the line", () => {
    const address = { a: "x", pair: { a: 1, b: 2 } }
    expect(swapSides(address)).toEqual({ b: "x", pair: { a: 2, b: 1 } })
    expect(swapSides(swapSides(address))).toEqual(address)
  })
})
