import { describe, expect, it } from "vitest"
import { jsonCopy } from "./jsonCopy"

const copy = (value: unknown) => jsonCopy(value).value

describe("jsonCopy", () => {
  it("keeps every JSON value unchanged", () => {
    const value = { a: [1, "x\u0000\u001b[31m\ud800 ", null, true, { "": -0.5 }], é: "漢字" }
    expect(JSON.stringify(copy(value))).toBe(JSON.stringify(value))
  })

  it("replaces values that JSON can't represent and omits undefined", () => {
    const circular: Record<string, unknown> = { name: "loop" }
    circular.self = circular
    expect(
      copy({
        big: 10n ** 20n,
        nan: Number.NaN,
        far: Number.POSITIVE_INFINITY,
        gone: undefined,
        call: function act() {},
        sign: Symbol("s"),
        circular,
        bytes: new Uint8Array([0xff, 0xfe, 0x00]),
        buffer: Buffer.from("abc"),
        when: new Date(0),
        map: new Map([["k", 1]]),
        pairs: new Map([[1, 2]]),
        set: new Set(["a"]),
        pattern: /x+/g,
        later: Promise.resolve(),
        boxed: [new Number(1), new String("s")],
        link: new URL("http://a.example/b"),
      }),
    ).toEqual({
      big: "100000000000000000000",
      nan: "NaN",
      far: "Infinity",
      call: "[function act]",
      sign: "[Symbol(s)]",
      circular: { name: "loop", self: "[circular]" },
      bytes: "[binary, 3 bytes]",
      buffer: "abc",
      when: "1970-01-01T00:00:00.000Z",
      map: { k: 1 },
      pairs: [[1, 2]],
      set: ["a"],
      pattern: "/x+/g",
      later: "[promise]",
      boxed: [1, "s"],
      link: "http://a.example/b",
    })
    expect(copy(undefined)).toBeUndefined()
    expect(copy([undefined, () => 1])).toEqual([null, "[function anonymous]"])
  })

  it("keeps the contents of built-in objects without own properties", () => {
    const embedding = new Float32Array([0.5, 1])
    const shared = new SharedArrayBuffer(2)
    new Uint8Array(shared).set([104, 105])
    const form = new FormData()
    form.append("a", "1")
    form.append("a", "2")
    function* count() {
      yield 1
    }
    expect(
      copy({
        embedding,
        ids: new BigInt64Array([9_007_199_254_740_993n]),
        large: new Float64Array(200_000),
        view: new DataView(new Uint8Array([65, 66]).buffer),
        ...{ shared, form },
        headers: new Headers({ "x-id": "7" }),
        query: new URLSearchParams("q=1"),
        generator: count(),
        invalid: new Date(Number.NaN),
      }),
    ).toEqual({
      embedding: [0.5, 1],
      ids: ["9007199254740993"],
      large: "[Float64Array of 200000 numbers]",
      view: "AB",
      shared: "hi",
      form: [
        ["a", "1"],
        ["a", "2"],
      ],
      headers: { "x-id": "7" },
      query: { q: "1" },
      generator: "[Generator]",
      invalid: "Invalid Date",
    })
    expect(copy(Response.json({}, { status: 429 }))).toMatchObject({
      ...{ status: 429, ok: false, headers: { "content-type": "application/json" } },
    })
    expect(copy(Buffer.from("\ufeffx"))).toBe("\ufeffx")
  })

  it("copies an object that occurs twice without mistaking it for a cycle", () => {
    const shared = { n: 1 }
    expect(copy({ a: shared, b: shared })).toEqual({ a: { n: 1 }, b: { n: 1 } })
  })

  it("survives values that throw when they are read", () => {
    const trap = new Proxy({}, { ownKeys: () => { throw new Error("no keys") } }) // biome-ignore format: one line says it
    const getter = Object.defineProperty({ ok: 1 }, "bad", {
      enumerable: true,
      get: () => {
        throw new Error("no value")
      },
    })
    const json = { toJSON: () => { throw new Error("no json") } } // biome-ignore format: one line says it
    expect(copy({ trap, getter, json })).toEqual({
      trap: { "…": "[unreadable: no keys]" },
      getter: { ok: 1, bad: "[unreadable: no value]" },
      json: "[unreadable: no json]",
    })
  })

  it("S12: keeps a key named __proto__ without changing any prototype", () => {
    const value = copy(JSON.parse('{"__proto__":{"polluted":true}}'))
    expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":true}}')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it("cuts 100,000 levels at 500 with a marker, without overflowing the stack", () => {
    let deep: unknown = "bottom"
    for (let i = 0; i < 100_000; i++) deep = { deep }
    const { value, depth } = jsonCopy(deep)
    expect(depth).toBe(500)
    expect(JSON.stringify(value)).toContain("[nested deeper than 500]")
  })

  it("bounds a value that repeats millions of times", () => {
    let wide: unknown = "leaf"
    for (let i = 0; i < 40; i++) wide = [wide, wide]
    expect(JSON.stringify(copy(wide)).length).toBeLessThan(50_000_000)
    let keyed: unknown = 1
    for (let i = 0; i < 40; i++) keyed = { a: keyed, b: keyed }
    expect(jsonCopy(keyed).keys).toBeLessThanOrEqual(200_000)
  })
})
