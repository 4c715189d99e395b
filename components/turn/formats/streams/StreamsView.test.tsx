import { renderToStaticMarkup } from "react-dom/server"
import { expect, test } from "vitest"
import { readStreams } from "./readStreams"
import { StreamsView } from "./StreamsView"

function textOf(value: unknown): string {
  const output = readStreams(value)
  if (output === undefined) throw new Error("not the output of a process")
  const html = renderToStaticMarkup(<StreamsView output={output} pointer={undefined} />)
  return html
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim()
}

test("a failing exit code comes before the streams, where a long output doesn't hide it", () => {
  expect(textOf({ stdout: "built", stderr: "no space left", exit_code: 28 })).toMatch(
    /^exit 28 .*built.*no space left$/,
  )
  expect(textOf({ stdout: "built", stderr: "", exit_code: 0 })).toMatch(/built exit 0$/)
})
