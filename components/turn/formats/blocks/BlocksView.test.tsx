import { renderToStaticMarkup } from "react-dom/server"
import { expect, test } from "vitest"
import { BlocksView } from "./BlocksView"
import { readMessages } from "./readMessages"

const count = (value: unknown) =>
  renderToStaticMarkup(
    <BlocksView messages={readMessages(value) ?? []} hint="output" pointer={undefined} />,
  ).match(/block \d+/g)?.length

const blocks = Array.from({ length: 10_000 }, (_, at) => ({ type: "text", text: `block ${at}` }))

test("renders the first of ten thousand blocks, messages or blocks of a result", () => {
  expect(count(blocks)).toBe(200)
  expect(count([{ type: "tool_result", content: blocks }])).toBe(200)
  const messages = blocks.slice(0, 2_000).map(({ text }) => ({ role: "user", content: text }))
  expect(count(messages)).toBe(100)
})
