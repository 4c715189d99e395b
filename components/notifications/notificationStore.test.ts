import { expect, it } from "vitest"
import { readFollowed, withFollowed } from "./notificationStore"

it("reads stored run ids", () => {
  expect(readFollowed({ runIds: ["a", "b", "a"] })).toEqual(["a", "b"])
})

it("drops invalid stored state", () => {
  for (const damaged of [undefined, null, "a", ["a"], { a: 1 }, { runIds: "a" }, { runIds: [1, null, ""] }])
    expect(readFollowed(damaged)).toEqual([])
  expect(readFollowed({ runIds: ["x".repeat(129)] })).toEqual([])
})

it("keeps the newest 20 runs", () => {
  const many = Array.from({ length: 30 }, (_, at) => `run-${at}`)
  expect(readFollowed({ runIds: many })).toEqual(many.slice(10))
  expect(withFollowed(many.slice(0, 20), "new", true)).toEqual([...many.slice(1, 20), "new"])
})

it("adds a run once and removes it", () => {
  expect(withFollowed(["a", "b"], "a", true)).toEqual(["b", "a"])
  expect(withFollowed(["a", "b"], "a", false)).toEqual(["b"])
  expect(withFollowed(["a"], "b", false)).toEqual(["a"])
})
