import { expect, it } from "vitest"
import { readFollowed, withFollowed } from "./notificationStore"

it("takes up what an earlier visit left, and nothing from what is damaged", () => {
  expect(readFollowed('["a","b","a"]')).toEqual(["a", "b"])
  for (const broken of [null, "", "{", "null", '"a"', '{"a":1}', `["${"x".repeat(129)}"]`, '[1,null,""]'])
    expect(readFollowed(broken)).toEqual([])
})

it("follows no more runs than a browser can, the newest choices staying", () => {
  const many = Array.from({ length: 30 }, (_, at) => `run-${at}`)
  expect(readFollowed(JSON.stringify(many))).toEqual(many.slice(10))
  expect(withFollowed(many.slice(0, 20), "new", true)).toEqual([...many.slice(1, 20), "new"])
})

it("puts a run in once and takes it out", () => {
  expect(withFollowed(["a", "b"], "a", true)).toEqual(["b", "a"])
  expect(withFollowed(["a", "b"], "a", false)).toEqual(["b"])
  expect(withFollowed(["a"], "b", false)).toEqual(["a"])
})
