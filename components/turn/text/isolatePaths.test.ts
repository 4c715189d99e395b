import { expect, test } from "vitest"
import { isolatePaths } from "./isolatePaths"

const paths = (text: string) =>
  isolatePaths(text)
    .filter(({ isPath }) => isPath)
    .map((part) => part.text)

test.each([
  ["an absolute path", "הקובץ /usr/local/bin/ נמצא", ["/usr/local/bin/"]],
  ["a relative path", "شغل ./run.sh ثم ../a/b.ts", ["./run.sh", "../a/b.ts"]],
  ["a path without a dot", "עדכנתי את src/app/page.tsx.", ["src/app/page.tsx"]],
  ["a Windows path", "הקובץ C:\\Users\\a.txt כאן", ["C:\\Users\\a.txt"]],
  ["options", "הוסיפו -v או --log-level=debug לפקודה", ["-v", "--log-level=debug"]],
  ["words only", "שלום עולם", []],
])("isolates %s in right-to-left text", (_name, text, expected) => {
  expect(paths(text)).toEqual(expected)
  expect(
    isolatePaths(text)
      .map((part) => part.text)
      .join(""),
  ).toBe(text)
})

test("leaves left-to-right text in one part", () => {
  expect(isolatePaths("see /usr/bin")).toEqual([{ text: "see /usr/bin", isPath: false }])
})
