import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"

/** Returns the colors of a style sheet by name, light and dark. */
function pairsOf(path: string): Map<string, readonly [string, string]> {
  const css = readFileSync(new URL(path, import.meta.url), "utf8")
  const found = [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)]
  return new Map(found.map((m) => [m[1] ?? "", [m[2] ?? "", m[3] ?? ""] as const]))
}
const PAIRS = pairsOf("../../app/globals.css")
const TERMINAL = pairsOf("../turn/formats/terminal/terminal.module.css")
const GROUNDS = ["bg", "surface", "overlay", "hover", "selected"]
const NOT_TEXT = new Set([...GROUNDS, "line", "line-strong"])
const KINDS = ["kind-model", "kind-tool", "kind-agent", "kind-human", "kind-system"]

const linear = (hex: string) =>
  [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]

const mix = (weights: readonly number[], [r, g, b]: readonly number[]) =>
  (weights[0] ?? 0) * (r ?? 0) + (weights[1] ?? 0) * (g ?? 0) + (weights[2] ?? 0) * (b ?? 0)

function contrast(a: string, b: string): number {
  const [x, y] = [a, b].map((hex) => mix([0.2126, 0.7152, 0.0722], linear(hex)) + 0.05) as [number, number]
  return Math.max(x, y) / Math.min(x, y)
}

// Simulations of color blindness at full severity, from Machado, Oliveira and Fernandes (2009).
const SIGHT = {
  common: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
}

function oklab(hex: string, sight: readonly number[]): number[] {
  const seen = [0, 3, 6].map((at) => Math.max(0, mix(sight.slice(at, at + 3), linear(hex))))
  const l = Math.cbrt(mix([0.4122214708, 0.5363325363, 0.0514459929], seen))
  const m = Math.cbrt(mix([0.2119034982, 0.6806995451, 0.1073969566], seen))
  const s = Math.cbrt(mix([0.0883024619, 0.2817188376, 0.6299787005], seen))
  return [
    mix([0.2104542553, 0.793617785, -0.0040720468], [l, m, s]),
    mix([1.9779984951, -2.428592205, 0.4505937099], [l, m, s]),
    mix([0.0259040371, 0.7827717662, -0.808675766], [l, m, s]),
  ]
}

describe.each(["light", "dark"] as const)("the %s theme", (theme) => {
  const hex = (name: string) => PAIRS.get(name)?.[theme === "light" ? 0 : 1] ?? ""

  test("every text color meets AA on every background", () => {
    const names = [...PAIRS.keys()].filter((name) => !NOT_TEXT.has(name))
    expect(names.length).toBeGreaterThan(15)
    const faint = names.flatMap((name) =>
      GROUNDS.map((ground) => ({ name, ground, ratio: contrast(hex(name), hex(ground)) })),
    )
    expect(faint.filter((pair) => !(pair.ratio >= 4.5))).toEqual([])
  })

  test("every terminal color meets AA on the page background, and the background color on it", () => {
    expect(TERMINAL.size).toBe(16)
    const faint = [...TERMINAL].map(([name, pair]) => ({
      name,
      ratio: contrast(pair[theme === "light" ? 0 : 1], hex("bg")),
    }))
    expect(faint.filter((pair) => !(pair.ratio >= 4.5))).toEqual([])
  })

  test.each(Object.entries(SIGHT))("the colors of turn kinds are distinguishable with %s", (_, sight) => {
    const distances = KINDS.flatMap((a, k) =>
      KINDS.slice(k + 1).map((b) => {
        const [x, y] = [oklab(hex(a), sight), oklab(hex(b), sight)]
        return { a, b, apart: Math.hypot(...x.map((value, i) => value - (y[i] ?? 0))) }
      }),
    )
    expect(distances.filter((pair) => !(pair.apart >= 0.05))).toEqual([])
  })
})
