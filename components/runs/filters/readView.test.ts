import { expect, test } from "vitest"
import { filterProblems, readView } from "./readView"

const read = (query: string) => readView(new URLSearchParams(query))
const problems = (query: string) => filterProblems(new URLSearchParams(query))

test("a URL contains filter and order", () => {
  expect(read("status=completed&since=1h&sort=cost&order=asc")).toEqual({
    filter: { status: ["completed"], since: "1h" },
    order: { sort: "cost", order: "asc" },
  })
  expect(read("sort=errors").order).toEqual({ sort: "errors", order: "desc" })
  expect(read("failed=today").filter).toEqual({ failed: true, today: true })
  expect(read("")).toEqual({ filter: {}, order: undefined })
})

test("a valid URL has no problems", () => {
  expect(
    problems("q=x&status=completed,incomplete&outcome=failure&agent=a&label=a=b&since=7d&sort=cost&range=1h"),
  ).toEqual([])
  expect(problems("after=2026-01-01T00:00:00Z&before=2026-02-01&waiting=1&trouble=1&failed=today")).toEqual(
    [],
  )
})

test("each invalid part is named", () => {
  expect(
    problems("status=completed,done&outcome=x&after=soon&since=ages&label=a&label==b&sort=beauty"),
  ).toEqual([
    "unknown status “done”",
    "unknown outcome “x”",
    "after: “soon” isn't a time",
    "since: “ages” isn't a duration such as 15m, 1h or 7d",
    "label: “a” isn't key=value",
    "label: “=b” isn't key=value",
    "unknown sort order “beauty”",
  ])
})
