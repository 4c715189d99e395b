import { renderToStaticMarkup } from "react-dom/server"
import { expect, test } from "vitest"
import { TerminalText } from "./TerminalText"

test("wraps colored text, which browsers don't do in a <pre> by default", () => {
  const html = renderToStaticMarkup(
    <TerminalText text={"\u001b[31mFAILED\u001b[0m a long line"} pointer={undefined} />,
  )
  expect(html).toMatch(/<pre class="[^"]*whitespace-pre-wrap[^"]*"><span/)
})
