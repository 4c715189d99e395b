import { renderToStaticMarkup } from "react-dom/server"
import { describe, expect, test } from "vitest"
import { MarkdownNodes } from "./MarkdownNodes"
import { parseMarkdown } from "./parseMarkdown"
import { safeHref } from "./safeHref"

const drawn = (source: string) => renderToStaticMarkup(<MarkdownNodes nodes={parseMarkdown(source)} />)
/** Returns the names of the rendered elements. */
const elements = (source: string) => [...drawn(source).matchAll(/<([a-z0-9]+)/g)].map((match) => match[1])

describe("Markdown", () => {
  test("S13: HTML stays text", () => {
    const source = "<img src=x onerror=alert(1)> <script>alert(1)</script>"
    expect(elements(source)).toEqual(["p"])
    expect(elements(`text\n\n<div>\n${source}\n</div>`).filter((name) => name !== "p")).toEqual([])
    expect(drawn(source)).toContain("&lt;script&gt;alert(1)")
  })

  test.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "&#106;avascript:alert(1)",
    "data:text/html,x",
    "//evil.example",
    "vbscript:x",
    "file:///etc/passwd",
    "/local",
  ])("S13: %s is never a link", (href) => {
    expect(safeHref(href)).toBeUndefined()
    for (const source of [`[x](${href})`, `<${href}>`, `[x]\n\n[x]: ${href}`, `![x](${href})`])
      expect(elements(source)).not.toContain("a")
  })

  test("keeps the underscores of a Python name", () => {
    expect(drawn("Call __init__ and __two words__")).toBe(
      '<p dir="auto" class="whitespace-pre-wrap [unicode-bidi:plaintext]">Call __init__ and <strong>two words</strong></p>',
    )
  })

  test("a link sends no referrer", () => {
    expect(drawn("[a](https://b.example/c)")).toContain('rel="noopener noreferrer nofollow"')
    expect(elements("see https://b.example/c")).toEqual(["p", "a"])
  })

  test("S13: an external image is at most a link", () => {
    const html = drawn("![chart](https://evil.example/x.png)")
    expect(html).not.toContain("<img")
    expect(html).toContain(">chart</a>")
  })

  test("renders nested blocks and inline elements", () => {
    const source =
      "# A\n\n- one **b `c`**\n  - two\n\n> said\n\n| a |\n|---|\n| 1 |\n\n```js\nx\n```\n\n---\n\n~~d~~ *e*"
    const found = elements(source)
    for (const name of [
      "ul",
      "li",
      "strong",
      "code",
      "blockquote",
      "table",
      "th",
      "td",
      "pre",
      "hr",
      "s",
      "em",
    ])
      expect(found).toContain(name)
    expect(found.filter((name) => name === "ul")).toHaveLength(2)
  })

  test("an unclosed fence extends to the end", () => {
    expect(drawn("```\na\nb")).toContain("a\nb</pre>")
  })

  test("code is left to right in a right-to-left message, and each paragraph has its own direction", () => {
    const html = drawn("שלום\n\nhello\n\n`npm run`\n\n```\nls\n```")
    expect(html.match(/<p dir="auto"/g)).toHaveLength(3)
    expect(html).toMatch(/<code dir="ltr"/)
    expect(html).toMatch(/<pre dir="ltr"/)
  })

  test("a fenced diff is rendered as a diff", () => {
    const html = drawn("Fix:\n\n```diff\n@@ -1 +1 @@\n-a\n+b\n```")
    expect(html).toContain("bg-success")
  })

  test("deep nesting results in a shallow tree", () => {
    for (const source of [
      "> ".repeat(30_000),
      "- ".repeat(30_000),
      "*a_ ".repeat(15_000),
      "[".repeat(60_000),
    ])
      expect(() => drawn(source)).not.toThrow()
  })
})

describe("text that isn't Markdown", () => {
  /** Returns the rendered text without elements. */
  const text = (source: string) =>
    drawn(source)
      .replace(/<[^>]+>/g, "")
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&quot;", '"')
      .trim()

  test.each([
    ["products", "2*3*4 = 24; a*b*c; f(x)*g(x)*h; 2**3**4"],
    ["formulas", "area $\\pi r^2$, $a*b*c$, \\(a_1 * b_2\\), \\[\\{x\\}\\] and $$\\int_0^1 \\{x\\}$$"],
    ["prices", "It costs $5 and $6, or $5/$6."],
    ["paths on Windows", "in C:\\Users\\.ssh\\*.txt and D:\\a\\_b"],
    ["footnotes", "Text[^1].\n\n[^1]: Note."],
    ["unused definitions of links", "Sources:\n\n[1]: https://a.example/x"],
  ])("keeps %s", (_name, source) => {
    expect(text(source).replaceAll(/\n+/g, "")).toBe(source.replaceAll(/\n+/g, ""))
  })

  test("shows a line of hyphens below a paragraph as a rule, not as a heading", () => {
    expect(elements("Total: 5\n---\nNext")).toEqual(["p", "hr", "p"])
  })

  test.each([
    ["*a* and 2 * 3 * 4", ["p", "em"]],
    ["中文*强调*中文", ["p", "em"]],
    ["snake\\_case and \\*stars\\*", ["p"]],
  ])("still reads the Markdown in %s", (source, names) => {
    expect(elements(source)).toEqual(names)
    expect(text(source)).not.toContain("\\")
  })
})
