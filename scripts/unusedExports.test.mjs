import { expect, test } from "vitest"
import { findUnusedExports } from "./unusedExports.mjs"

test("an export is unused if no other file mentions it", () => {
  const texts = new Map([
    ["a.ts", "export const used = 1\nexport function unused() {}\nexport class Gone {}\nunused()"],
    ["b.ts", 'import { used } from "./a"'],
  ])
  expect(findUnusedExports(texts)).toEqual(["a.ts: unused", "a.ts: Gone"])
})

test("types, unexported names and exports for a framework are exempt", () => {
  const texts = new Map([
    ["a.ts", "export type Options = object\nconst hidden = 1"],
    ["app/page.tsx", "export default function Page() {}\nexport const dynamic = true"],
  ])
  expect(findUnusedExports(texts)).toEqual([])
})
